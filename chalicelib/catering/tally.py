"""Counting orders."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.catering.limits import CODES_AT_MOST

_FINGERPRINT_BITS = 128


@dataclass(frozen=True)
class Group:
    """How many people asked for one plate at the same meals; `codes` is empty past the limit."""

    count: int
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tally:
    """All orders as they were at `taken_at`, counted. `groups` is keyed by the encoded order
    without its plate code.

    `fingerprint` is the same for the same orders in any sequence, and for no others.
    """

    taken_at: datetime
    registrations: int
    fingerprint: str
    groups: Mapping[str, Group]

    @property
    def key(self) -> str:
        """Where the table keeps it: the same moment and orders give the same tally."""
        return f"{self.taken_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}#{self.fingerprint}"

    def to_json(self) -> str:
        """The tally as the table keeps it."""
        groups = [(key, group.count, *group.codes) for key, group in sorted(self.groups.items())]
        kept = [self.taken_at.isoformat(), self.registrations, self.fingerprint, groups]
        return json.dumps(kept, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Tally":
        """The tally that `to_json` wrote."""
        taken_at, registrations, fingerprint, groups = json.loads(text)
        return cls(
            datetime.fromisoformat(taken_at),
            registrations,
            fingerprint,
            {key: Group(count, tuple(codes)) for key, count, *codes in groups},
        )


def tally(
    encoded_orders: Iterable[str], *, taken_at: datetime, codes_at_most: int = CODES_AT_MOST
) -> Tally:
    """Counts encoded orders in one pass; memory grows with the distinct plates, not the people.

    Up to `codes_at_most` registrations it keeps their codes.
    """
    counts: dict[str, int] = {}
    codes: dict[str, list[str]] = {}
    registrations = mark = 0
    for encoded in encoded_orders:
        code, _, key = encoded.partition("|")
        registrations += 1
        mark += int.from_bytes(hashlib.sha256(encoded.encode()).digest()[: _FINGERPRINT_BITS // 8])
        counts[key] = counts.get(key, 0) + 1
        if registrations <= codes_at_most:
            codes.setdefault(key, []).append(code)
        elif codes:
            codes.clear()
    groups = {key: Group(count, tuple(sorted(codes.get(key, ())))) for key, count in counts.items()}
    whole = f"{registrations} {mark % 2**_FINGERPRINT_BITS}"
    fingerprint = hashlib.sha256(whole.encode()).hexdigest()[: _FINGERPRINT_BITS // 4]
    return Tally(taken_at, registrations, fingerprint, groups)


def has_fingerprint(key: str, fingerprint: str) -> bool:
    """Whether the tally with this key counted orders with this fingerprint."""
    return key.endswith(f"#{fingerprint}")
