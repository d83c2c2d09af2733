"""The end of personal data: how far their deletion has come, and what it was."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.lifecycle.timing import SWEPT_AFTER


class DataKind(StrEnum):
    """What can be deleted, as the certificate counts it."""

    REGISTRATION = "registration"
    ADDRESS = "address"
    NOTE = "note"
    CODE = "code"
    LINK = "link"
    MAIL = "mail"
    PASS = "pass"  # noqa: S105 - what lets somebody in, not a secret
    ACCESS = "access"
    DOWNLOAD = "download"
    EXTRACT = "extract"
    COUNT = "count"


@dataclass(frozen=True)
class Stored:
    """One item that is to be deleted: where it is, and what it holds."""

    key: str
    data: tuple[DataKind, ...]


@dataclass(frozen=True)
class Deletion:
    """How far it has come; `deleted` counts what is gone for good, up to `ended_at`.

    After that, what still came in is deleted now and then: last at `swept_at`.
    """

    began_at: datetime
    deleted: Mapping[DataKind, int] = field(default_factory=dict)
    ended_at: datetime | None = None
    swept_at: datetime | None = None

    def is_of(self, deletes_at: datetime) -> bool:
        """Whether it is this day's; one that began before was of a day that has been moved."""
        return self.began_at >= deletes_at

    def rests(self, now: datetime) -> bool:
        """Whether it has ended, and little can have come in since."""
        last = self.swept_at or self.ended_at
        return last is not None and now < last + SWEPT_AFTER

    def of(self, datum: DataKind) -> int:
        """How many of these were deleted."""
        return self.deleted.get(datum, 0)


def counted(deletion: Deletion, gone: Iterable[Stored]) -> Deletion:
    """The deletion with these gone too; what comes after its end is in no certificate."""
    if deletion.ended_at:
        return deletion
    data = Counter(deletion.deleted)
    data.update(datum for stored in gone for datum in stored.data)
    return replace(deletion, deleted=data)
