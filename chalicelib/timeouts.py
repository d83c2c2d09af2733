"""Timeouts and attempts of DynamoDB calls, and time limits of whole requests."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

# How long after its start a request may start calls.
VISITOR_READS_FOR = timedelta(seconds=3)
DESK_READS_FOR = timedelta(seconds=5)


class CallLimits(NamedTuple):
    """Seconds to connect and to wait for a response, and the attempts of a call."""

    connect_timeout: float
    read_timeout: float
    attempts: int


VISITOR_CALLS = CallLimits(connect_timeout=1, read_timeout=1, attempts=2)
DESK_CALLS = CallLimits(connect_timeout=1, read_timeout=3, attempts=1)
SCHEDULE_CALLS = CallLimits(connect_timeout=2, read_timeout=5, attempts=5)
# The part of DESK_READS_FOR for bulk work; the rest is for reporting its progress.
BULK_WORK_FOR = timedelta(seconds=3)
# SES is called once for each attempt of a mail, since a retried call could send a mail twice.
SES_CALLS = CallLimits(connect_timeout=2, read_timeout=5, attempts=1)
