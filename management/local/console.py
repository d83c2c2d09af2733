"""Shows the log of the service as plain text in the terminal."""

import logging

import click


class _PlainText(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        click.echo(self.format(record), err=True)


def log_as_plain_text(level: int) -> None:
    """Print log records of at least `level` to stderr as plain text, except request logs."""
    handler = _PlainText(level)
    handler.addFilter(lambda record: record.name != "dukat.requests")
    log = logging.getLogger("dukat")
    log.handlers[:] = [handler]
    log.propagate = False
