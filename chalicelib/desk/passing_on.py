"""Recording which notes the kitchen was told."""

from collections.abc import Mapping
from typing import NamedTuple

from chalicelib.audit.log import AuditAction, concerning
from chalicelib.desk.work import DeskWork
from chalicelib.dynamo.retry import retry_on_conflict
from chalicelib.registration import store as registrations


class Tick(NamedTuple):
    """The hash of a note, and whether it was ticked as told to the kitchen: as shown, and now."""

    note_hash: str
    shown: bool
    now: bool


def pass_on(work: DeskWork, ticks: Mapping[str, Tick]) -> int:
    """Record which notes the kitchen was told, by their registrations' keys.

    A tick that is as it was shown changes nothing, since a colleague may have changed it. A
    note that has changed since is left as it is; returns how many of those are ticked.
    """

    def attempt() -> int:
        stored = registrations.find_all(work.table, list(ticks))
        same = {key: one for key, one in stored.items() if one.note_hash == ticks[key].note_hash}
        writes = []
        for action, told in ((AuditAction.PASSED_ON, True), (AuditAction.NOT_PASSED_ON, False)):
            changed = [
                key
                for key, one in same.items()
                if (ticks[key].shown, ticks[key].now, one.is_passed_on)
                == (not told, told, not told)
            ]
            writes += [
                registrations.passed_on_write(key, same[key], ticks[key].note_hash * told)
                for key in changed
            ]
            if changed:
                codes = concerning(same[key].plate_code for key in changed)
                writes.append(work.audit_entry(action, codes))
        if writes:
            work.table.write_all(*writes)
        return sum(ticks[key].now for key in stored.keys() - same.keys())

    return retry_on_conflict(attempt)
