"""What the functions log, for whoever reads along on this machine."""

import logging


def log_in_words() -> None:
    """Their steps and faults as plain texts among this process's own; requests are left out."""
    log = logging.getLogger("dukat")
    log.handlers.clear()
    log.propagate = True
    logging.getLogger("dukat.requests").setLevel(logging.WARNING)
