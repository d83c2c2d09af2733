"""What the functions log, in words for whoever reads along on this machine."""

import logging

import click


class _Words(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        click.echo(self.format(record), err=True)


def log_in_words(level: int) -> None:
    """Their steps and faults as plain texts, from this level on; requests are left out."""
    words = _Words(level)
    words.addFilter(lambda record: record.name != "dukat.requests")
    log = logging.getLogger("dukat")
    log.handlers[:] = [words]
    log.propagate = False
