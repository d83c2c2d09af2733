"""Markdown tables, and the blocks of a document that a command generates."""

import re
from collections.abc import Mapping, Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: bool = True) -> str:
    """Return a table; with `numbers`, all columns but the first are right-aligned."""
    rule = ["---", *(["---:" if numbers else "---"] * (len(head) - 1))]
    return "".join(f"| {' | '.join(row)} |\n" for row in [head, rule, *rows])


def block(name: str) -> re.Pattern[str]:
    """Match the text between the lines `<!-- name -->` and `<!-- /name -->`."""
    return re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", re.DOTALL)


def renewed(text: str, blocks: Mapping[str, str]) -> str:
    """Replace the blocks of a document, by name; raises LookupError unless each occurs once."""
    for name, content in blocks.items():
        text, found = block(name).subn(lambda _, new=content: new, text)  # type: ignore[misc]
        if found != 1:
            raise LookupError(f"{found} places for the block {name}")
    return text
