"""What the contact persons were told: tallies, compressed, in as many items as they need."""

import zlib
from base64 import b64decode, b64encode

from chalicelib.catering.tally import Tally
from chalicelib.dynamo.table import Table
from chalicelib.dynamo.writes import put

# DynamoDB takes items of at most 400 KB.
_PIECE = 300_000


def save(table: Table, tally: Tally) -> None:
    """Keeps a tally under its key; the same one again changes nothing."""
    whole = packed(tally.to_json())
    for number, start in enumerate(range(0, len(whole), _PIECE)):
        piece = {"tally": whole[start : start + _PIECE]}
        table.apply(put(f"TALLY#{tally.key}#{number:04}", piece))


def read(table: Table, key: str) -> Tally:
    """The tally with this key; raises LookupError if there is none."""
    pieces = table.query(f"TALLY#{key}#", f"TALLY#{key}#~", "tally")
    whole = "".join(piece["tally"]["S"] for piece in pieces)
    if not whole:
        raise LookupError("there is no tally with this key")
    return Tally.from_json(unpacked(whole))


def packed(text: str) -> str:
    """The text compressed, in base64."""
    return b64encode(zlib.compress(text.encode())).decode()


def unpacked(text: str) -> str:
    """The text that `packed` compressed."""
    return zlib.decompress(b64decode(text)).decode()
