"""Counting encoded orders into a tally."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from chalicelib.catering.limits import COUNTED_CODES_AT_MOST
from chalicelib.registration.answers import Order

_FINGERPRINT_BITS = 128


@dataclass(frozen=True)
class Group:
    """How many people ordered one plate at the same meals; `codes` is empty past the limit."""

    count: int
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tally:
    """The counts of all orders at `taken_at`.

    `groups` is keyed by the encoded order without its plate code. `fingerprint` is the same
    for the same orders in any sequence, and different for different orders.
    """

    taken_at: datetime
    registrations: int
    fingerprint: str
    groups: Mapping[str, Group]

    def of_meals(self, meals: Collection[str]) -> "Tally":
        """The tally of these meals and of the people who eat at them, with the same fingerprint.

        Raises ValueError if a group can't be decoded.
        """
        groups: dict[str, Group] = {}
        for key, group in self.groups.items():
            order = Order.decode(f"|{key}")
            eaten = tuple(meal for meal in order.meals if meal in meals)
            if eaten:
                part = replace(order, meals=eaten).encode().removeprefix("|")
                known = groups.get(part, Group(0))
                codes = tuple(sorted(known.codes + group.codes))
                groups[part] = Group(known.count + group.count, codes)
        people = sum(group.count for group in groups.values())
        return replace(self, registrations=people, groups=groups)

    @property
    def key(self) -> str:
        """The tally's key in the table: the same for the same instant and orders."""
        return f"{self.taken_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}#{self.fingerprint}"

    def to_json(self) -> str:
        """The tally as JSON, as it is stored."""
        groups = [(key, group.count, *group.codes) for key, group in sorted(self.groups.items())]
        values = [self.taken_at.isoformat(), self.registrations, self.fingerprint, groups]
        return json.dumps(values, separators=(",", ":"))

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
    encoded_orders: Iterable[str],
    *,
    taken_at: datetime,
    codes_at_most: int = COUNTED_CODES_AT_MOST,
) -> Tally:
    """Count encoded orders in one pass; memory grows with the distinct plates, not the people.

    The tally has plate codes only if there are at most `codes_at_most` registrations.
    """
    counts: dict[str, int] = {}
    codes: dict[str, list[str]] = {}
    registrations = total = 0
    for encoded in encoded_orders:
        code, _, key = encoded.partition("|")
        registrations += 1
        total += int.from_bytes(hashlib.sha256(encoded.encode()).digest()[: _FINGERPRINT_BITS // 8])
        counts[key] = counts.get(key, 0) + 1
        if registrations <= codes_at_most:
            codes.setdefault(key, []).append(code)
        elif codes:
            codes.clear()
    groups = {key: Group(count, tuple(sorted(codes.get(key, ())))) for key, count in counts.items()}
    content = f"{registrations} {total % 2**_FINGERPRINT_BITS}"
    fingerprint = hashlib.sha256(content.encode()).hexdigest()[: _FINGERPRINT_BITS // 4]
    return Tally(taken_at, registrations, fingerprint, groups)


def has_fingerprint(key: str, fingerprint: str) -> bool:
    """Whether the tally with this key has this fingerprint."""
    return key.endswith(f"#{fingerprint}")
