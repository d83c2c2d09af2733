"""Tables in Markdown, and the blocks of a document that a command renews."""

import re
from collections.abc import Mapping, Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: bool = True) -> str:
    """A table; all columns but the first are numbers, unless it is said that they are not."""
    rule = ["---", *(["---:" if numbers else "---"] * (len(head) - 1))]
    return "".join(f"| {' | '.join(row)} |\n" for row in [head, rule, *rows])


def block(name: str) -> re.Pattern[str]:
    """What is between `<!-- name -->` and `<!-- /name -->`, each on a line of its own."""
    return re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", re.DOTALL)


def renewed(text: str, blocks: Mapping[str, str]) -> str:
    """The document with these blocks; raises LookupError if it has no place for one."""
    for name, content in blocks.items():
        text, found = block(name).subn(lambda _, new=content: new, text)  # type: ignore[misc]
        if found != 1:
            raise LookupError(f"{found} places for the block {name}")
    return text
