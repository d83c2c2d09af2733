"""How long and how often DynamoDB is asked, and how long a request goes on asking."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

VISITOR_READS_FOR = timedelta(seconds=3)
DESK_READS_FOR = timedelta(seconds=5)


class CallLimits(NamedTuple):
    """Seconds to connect and to be answered, and how often a call is tried."""

    connect_timeout: float
    read_timeout: float
    attempts: int


# Of those who wait, of those at the desk, and of the schedules.
VISITOR_CALLS = CallLimits(connect_timeout=1, read_timeout=1, attempts=2)
DESK_CALLS = CallLimits(connect_timeout=1, read_timeout=3, attempts=1)
SCHEDULE_CALLS = CallLimits(connect_timeout=2, read_timeout=5, attempts=5)
# How much of DESK_READS_FOR work in many steps takes: the rest is for reporting how far it came.
BULK_WORK_FOR = timedelta(seconds=3)
