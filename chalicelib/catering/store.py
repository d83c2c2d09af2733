"""The tallies behind mails to the contact persons: compressed, in as many items as needed."""

from chalicelib.catering.tally import Tally
from chalicelib.dynamo.attributes import packed, unpacked
from chalicelib.dynamo.table import Table
from chalicelib.dynamo.writes import put

# DynamoDB limits an item to 400 KB.
_PIECE_LENGTH = 300_000


def save(table: Table, tally: Tally) -> None:
    """Store a tally under its key. Idempotent: the same tally has the same key."""
    whole = packed(tally.to_json())
    for number, start in enumerate(range(0, len(whole), _PIECE_LENGTH)):
        piece = {"tally": whole[start : start + _PIECE_LENGTH]}
        table.apply(put(f"TALLY#{tally.key}#{number:04}", piece))


def read(table: Table, key: str) -> Tally:
    """The tally with this key; raises LookupError if there is none."""
    pieces = table.query(f"TALLY#{key}#", f"TALLY#{key}#~", "tally")
    whole = "".join(piece["tally"]["S"] for piece in pieces)
    if not whole:
        raise LookupError("there is no tally with this key")
    return Tally.from_json(unpacked(whole))
