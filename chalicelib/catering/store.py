"""What the contact persons were told: tallies, compressed, in as many items as they need."""

import zlib
from base64 import b64decode, b64encode

from chalicelib.catering.summary import Tally
from chalicelib.deletion.totals import Totals
from chalicelib.dynamo.table import Table
from chalicelib.dynamo.writes import Write, put

TOTALS = "TOTALS"
# DynamoDB takes items of at most 400 KB.
_PIECE = 300_000


def save(table: Table, tally: Tally) -> None:
    """Keeps a tally under its key; the same one again changes nothing."""
    packed = _packed(tally.to_json())
    for number, start in enumerate(range(0, len(packed), _PIECE)):
        piece = {"tally": packed[start : start + _PIECE]}
        table.apply(put(f"TALLY#{tally.key}#{number:04}", piece))


def read(table: Table, key: str) -> Tally:
    """The tally with this key; raises LookupError if there is none."""
    pieces = table.query(f"TALLY#{key}#", f"TALLY#{key}#~", "tally")
    packed = "".join(piece["tally"]["S"] for piece in pieces)
    if not packed:
        raise LookupError("there is no tally with this key")
    return Tally.from_json(_unpacked(packed))


def totals_written(totals: Totals) -> Write:
    """The write of the counts that stay after the deletion."""
    return put(TOTALS, {"totals": _packed(totals.to_json())}, stays=True)


def read_totals(table: Table) -> Totals | None:
    """The counts that stay, once the deletion has begun."""
    item = table.get(TOTALS)
    return Totals.from_json(_unpacked(item["totals"])) if item else None


def _packed(text: str) -> str:
    return b64encode(zlib.compress(text.encode())).decode()


def _unpacked(packed: str) -> str:
    return zlib.decompress(b64decode(packed)).decode()
