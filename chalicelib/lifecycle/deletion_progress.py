"""The progress of the deletion of personal data: what was deleted, and when."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.lifecycle.timing import SWEPT_AFTER


class DataKind(StrEnum):
    """A kind of data that is deleted, as the certificate counts it."""

    REGISTRATION = "registration"
    ADDRESS = "address"
    NOTE = "note"
    CODE = "code"
    LINK = "link"
    MAIL = "mail"
    PASS = "pass"  # noqa: S105 - an access token's kind, not a secret
    ACCESS = "access"
    DOWNLOAD = "download"
    EXTRACT = "extract"
    COUNT = "count"


@dataclass(frozen=True)
class Stored:
    """One item to delete: its key, and the kinds of data in it."""

    key: str
    data: tuple[DataKind, ...]


@dataclass(frozen=True)
class DeletionProgress:
    """The progress of a deletion; `deleted` counts the data deleted up to `ended_at`.

    Data stored after `ended_at` are deleted in later sweeps, the last one at `swept_at`.
    """

    began_at: datetime
    deleted: Mapping[DataKind, int] = field(default_factory=dict)
    ended_at: datetime | None = None
    swept_at: datetime | None = None

    def is_for(self, deletes_at: datetime) -> bool:
        """Whether this deletion is for the day `deletes_at`, and not for an earlier one."""
        return self.began_at >= deletes_at

    def is_settled(self, now: datetime) -> bool:
        """Whether this deletion, or its last sweep, ended less than SWEPT_AFTER ago."""
        last = self.swept_at or self.ended_at
        return last is not None and now < last + SWEPT_AFTER

    def of(self, datum: DataKind) -> int:
        """How many of this kind were deleted."""
        return self.deleted.get(datum, 0)


def with_deleted(deletion: DeletionProgress, gone: Iterable[Stored]) -> DeletionProgress:
    """The deletion with `gone` added to its counts; after its end, when certified, unchanged."""
    if deletion.ended_at:
        return deletion
    data = Counter(deletion.deleted)
    data.update(datum for stored in gone for datum in stored.data)
    return replace(deletion, deleted=data)
