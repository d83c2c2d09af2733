"""Readers of the kitchen's numbers, one for each medium; they share no code with the service.

Each yields the portions of each meal with their plate codes. A reader passes over sentences that
it does not know, but not over a row that it can't read.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import NamedTuple

# The form's code, the kitchen's word for the dish, and the name of what is chosen.
_TERMS = """
vegetarian        vegetarisk                         Vegetariskt
lacto_vegetarian  laktovegetarisk                    Laktovegetariskt
vegan             vegansk                            Veganskt
pescatarian       pescetarisk                        Pescetariskt
no_pork           utan fläsk                         Utan fläsk
halal             halal                              Halal
kosher            kosher                             Kosher
coeliac           glutenfri (celiaki)                Gluten (celiaki)
wheat             utan vete (veteallergi)            Vete (veteallergi)
lactose           laktosfri                          Laktos (laktosintolerans)
milk_protein      utan mjölkprotein (mjölkallergi)   Mjölkprotein (mjölkallergi)
nuts              utan nötter                        Nötter
peanuts           utan jordnötter                    Jordnötter
crustaceans       utan kräftdjur                     Kräftdjur
molluscs          utan blötdjur                      Blötdjur
fish              utan fisk                          Fisk
eggs              utan ägg                           Ägg
soybeans          utan soja                          Sojabönor
celery            utan selleri                       Selleri
mustard           utan senap                         Senap
sesame            utan sesam                         Sesamfrön
sulphites         utan sulfit                        Svaveldioxid och sulfit
lupin             utan lupin                         Lupin
"""
_ROWS = [re.split(r"\s{2,}", line) for line in _TERMS.strip().splitlines()]
CODES = [code for code, _, _ in _ROWS]
_BY_DISH = {dish: code for code, dish, _ in _ROWS}
_BY_NAME = {"".join(name.casefold().split()): code for code, _, name in _ROWS}
_NAME = f"(?:{'|'.join(re.escape(name) for _, _, name in _ROWS)})"

_SEVERE = "ALLVARLIG ALLERGI"
_CODE = "[0-9A-Z]{4,}"
_SOME_CODES = rf"{_CODE}(?:, {_CODE})*"
_OF_THEM_SEVERE = r"(?:, varav (\d+) med allvarlig allergi)?"
_ROW = re.compile(rf"(\d+) (?:st )?({_SEVERE}:? )?(\D+?) (?:Kod: )?({_SOME_CODES})")
_UNLISTED = re.compile(
    r"(\d+) (?:st )?av (\d+) slag till, som står i bilagorna"
    rf"(?: varav {_SEVERE}: (\d+)(?: st)?)?"
)
_MEAL = rf"(\w+) kl\. [\d.]+: (\d+) portion(?:er)?{_OF_THEM_SEVERE}"


class Portion(NamedTuple):
    """What is on one plate: the diet and what it is without, by the form's codes."""

    traits: frozenset[str]
    traces: frozenset[str]
    severe: bool
    noted: bool


# By meal and portion, the plate codes of all who get it.
Plates = dict[str, dict[Portion, frozenset[str]]]


@dataclass
class Reading:
    """What a reader has seen.

    `unlisted` are portions, different ones, and severe ones for which a mail has no room. `sums`
    are the printed ones, each with where it is and its meal.
    """

    plates: Plates = field(default_factory=dict)
    unlisted: dict[str, tuple[int, ...]] = field(default_factory=dict)
    sums: set[tuple[str, str, int]] = field(default_factory=set)
    sentences: dict[str, object] = field(default_factory=dict)

    def read_row(self, meal: str, row: str) -> None:
        """Read `3 st ALLVARLIG ALLERGI: Vegansk Kod: CDFH, CDFJ, CDFK`, or the last of a mail."""
        if rest := _UNLISTED.fullmatch(row):
            self.unlisted[meal] = tuple(int(number or 0) for number in rest.groups())
            return
        found = _ROW.fullmatch(row)
        assert found, row
        count, severe, words, listed = found.groups()
        portion, codes = portion_of(words, severe=bool(severe)), frozenset(listed.split(", "))
        assert int(count) == len(codes) == len(listed.split(", ")), row
        assert portion not in self.plates[meal], f"twice: {row}"
        assert not severe or all(one.severe for one in self.plates[meal]), f"not first: {row}"
        self.plates[meal][portion] = codes

    def read_meal(self, found: re.Match[str]) -> str:
        """Read a heading with the meal's portions, of which some are severe; return the meal."""
        meal = found[1].lower()
        self.plates.setdefault(meal, {})
        self.sums.add(("heading", meal, int(found[2])))
        if found[3]:
            self.sums.add(("severe", meal, int(found[3])))
        return meal


def portion_of(words: str, *, severe: bool) -> Portion:
    """Read `Vegansk + utan nötter (inte ens spår) + se anteckning`."""
    traits, traces, parts = [], [], words.split(" + ")
    parts[0] = parts[0][:1].lower() + parts[0][1:]
    noted = parts[-1] == "se anteckning"
    for part in parts[: len(parts) - noted]:
        dish = part.replace(", inte ens spår)", ")").removesuffix(" (inte ens spår)")
        traits.append(_BY_DISH[dish])
        traces += [_BY_DISH[dish]] if dish != part else []
    assert len(set(traits)) == len(traits), words
    return Portion(frozenset(traits), frozenset(traces), severe, noted)


def codes_of(names: str) -> frozenset[str]:
    """Read `gluten (celiaki), nötter`, in any case and with any white space."""
    words = "".join(names.casefold().split())
    return frozenset(_BY_NAME[name] for name in words.split(",") if name)


def by_portion(seen: Iterable[tuple[str, Portion, str]]) -> Plates:
    """Group what was seen of each person: a meal, the portion, and the plate code."""
    plates: Plates = {}
    for meal, portion, code in seen:
        of_meal = plates.setdefault(meal, {})
        assert code not in frozenset().union(*of_meal.values()), f"twice: {code}"
        of_meal[portion] = of_meal.get(portion, frozenset()) | {code}
    return plates


def read_text(text: str) -> Reading:
    """Read the text part of a mail, paragraph by paragraph."""
    reading, meal = Reading(sentences=_sentences(text)), ""
    for paragraph in text.split("\n\n"):
        words = " ".join(paragraph.split())
        if heading := re.match(r"([A-ZÅÄÖ]+) kl\. [\d.]+", words):
            meal = heading[1].lower()
            reading.plates[meal] = {}
        elif re.match(r"\d+ st ", words):
            reading.read_row(meal, words)
        elif total := re.match(r"Summa: (\d+) portion", words):
            reading.sums.add(("sum", meal, int(total[1])))
    return reading


def read_html(*pages: str) -> Reading:
    """Read the HTML part of a mail, or all parts of the kitchen's list, by headings and tables."""
    blocks, meal = [block for page in pages for block in blocks_of(page)], ""
    reading = Reading(sentences=_sentences(" ".join(words for _, _, words in blocks)))
    for tag, _, words in blocks:
        heading = re.fullmatch(_MEAL, words) if tag == "h2" else None
        if tag == "h2":
            meal = reading.read_meal(heading) if heading else ""
        elif tag != "tr" or not words:
            continue
        elif total := re.fullmatch(r"(\d+) Summa specialkost till (.+)", words):
            reading.sums.add(("sum", total[2], int(total[1])))
        elif meal and words[0].isdigit():
            reading.read_row(meal, words)
        elif row := re.fullmatch(rf"(\w+) (\d+) ?{_OF_THEM_SEVERE}", words):
            reading.read_meal(row)
    return reading


def read_print(text: str, between_rows: str) -> Reading:
    """Read the kitchen's list on paper: between a meal's heading and its sum are only rows.

    `between_rows` is the pattern of what stands at the top of each page and column.
    """
    words = " ".join(re.sub(between_rows, " ", " ".join(text.split())).split())
    reading = Reading(sentences=_sentences(words))
    for heading in re.finditer(_MEAL, words):
        meal, section = reading.read_meal(heading), words[heading.end() :]
        if re.match(r" (Ingen har anmält|Portionerna till den här måltiden) ", section):
            continue
        end = r" (?:(\d+) Summa specialkost till \w+|Fortsätter i del \d+)"
        rows, total, _ = re.split(end, section, maxsplit=1)
        if total:
            reading.sums.add(("sum", meal, int(total)))
        found = [row[0] for row in _ROW.finditer(rows)]
        assert " ".join(found) == rows.strip()
        for row in found:
            reading.read_row(meal, row)
    return reading


def read_attached_table(text: str) -> Plates:
    """Read the table that is attached to a mail with no room for the whole list."""
    seen = []
    for row in csv.DictReader(text.splitlines(keepends=True), delimiter=";"):
        codes = row["Koder"].split(", ")
        assert int(row["Antal"]) == len(codes), row
        portion = portion_of(row["Portion"], severe=row["Allvarlig allergi"] == "ja")
        seen += [(row["Måltid"].lower(), portion, code) for code in codes]
    return by_portion(seen)


def read_list(rows: Iterable[Mapping[str, str]]) -> Plates:
    """Read the list of registrations; names of columns and cells may lack their spaces."""
    seen = []
    for full in rows:
        row = {"".join(name.split()): cell for name, cell in full.items()}
        traces, noted = codes_of(row["Inteensspårav"]), bool(row["Anteckning"])
        traits = codes_of(row["Kost"]) | codes_of(row["Tålinte"])
        portion = Portion(traits, traces, row["Allvarligreaktion"] == "ja", noted)
        columns = list(row)
        for meal in columns[columns.index("E-post") + 1 : columns.index("Kost")]:
            assert row[meal] in ("0", "1"), row[meal]
            seen += [(meal.lower(), portion, row["Kod"])] if row[meal] == "1" else []
    return by_portion(seen)


def read_csv(text: str) -> Plates:
    return read_list(
        csv.DictReader(text.removeprefix("\ufeff").splitlines(keepends=True), delimiter=";")
    )


def read_labels(*pages: str) -> Plates:
    """Read the labels of all meals."""
    seen = []
    for _, kind, words in (block for page in pages for block in blocks_of(page)):
        if kind == "label-code":
            found = re.fullmatch(rf"({_CODE}) (\w+)( {_SEVERE})?", words)
            assert found, words
            code, meal, severe = found.groups()
        elif kind.startswith("label-words"):
            seen.append((meal.lower(), _on_label(words, severe=bool(severe)), code))
    return by_portion(seen)


def _on_label(words: str, *, severe: bool) -> Portion:
    """Read the kitchen's words, or those of a label with many allergens."""
    if "Tål inte: " not in words:
        return portion_of(words, severe=severe)
    diet, names = words.removesuffix(".").split("Tål inte: ")
    names, *others = names.split(". ")
    traces: frozenset[str] = frozenset()
    for sentence in others:
        if sentence.startswith("Inte ens spår av "):
            of = sentence.removeprefix("Inte ens spår av ")
            traces = codes_of(names if of == "något av dem" else of)
        else:
            assert sentence == "Se anteckning", sentence
    traits = codes_of(names) | {_BY_DISH[dish.lower()] for dish in diet.split(". ") if dish}
    return Portion(traits, traces, severe, "Se anteckning" in others)


def read_changes(lines: Iterable[str], before: Plates) -> dict[tuple[str, Portion], frozenset[str]]:
    """The plate codes that the sentences of a change notice leave for each portion they name."""
    after: dict[tuple[str, Portion], frozenset[str]] = {}
    for line in lines:
        meal = line.partition(": ")[0].lower()
        if meal not in before:
            continue
        found = re.fullmatch(
            rf"\w+: ({_SEVERE}, )?(?:(\d+) (fler|färre)(?: av)?|fortfarande (\d+)) ”(\D+)”\. "
            r"(?:Nu (\d+))?(.*)",
            line,
        )
        assert found, line
        severe, by, more, still, words, now, tail = found.groups()
        portion = portion_of(words, severe=bool(severe))
        old = before[meal].get(portion, frozenset())
        new = _codes_after("(?:ny kod|nya koder):?", tail)
        gone = _codes_after("(?:utgår:|ersätter)", tail)
        assert gone <= old, line
        assert not new & old, line
        assert (meal, portion) not in after, f"twice: {line}"
        after[meal, portion] = (old - gone) | new
        assert len(after[meal, portion]) == int(now or still), line
        assert len(new) - len(gone) == int(by or 0) * (1 if more == "fler" else -1), line
    return after


def _codes_after(words: str, text: str) -> frozenset[str]:
    found = re.search(rf"{words} ({_SOME_CODES})", text, re.IGNORECASE)
    return frozenset(found[1].split(", ")) if found else frozenset()


def _sentences(text: str) -> dict[str, object]:
    """What is said once for all meals: the check sums, the notes, and what nobody has chosen."""
    words = " ".join(text.split())

    def found(pattern: str) -> tuple[str, ...]:
        match = re.search(pattern, words, re.IGNORECASE)
        return match.groups(default="") if match else ()

    portions, in_all = found(r"Avstämning: ([^=]+) = (\d+) portion(?:er)?\.")
    people, eat = found(r"\. (\d+) anmälda?: ([^.]+)\.")
    told = r"person(?:er)? har en anteckning som köket måste få veta"
    noted = found(rf"(\d+) {told}{_OF_THEM_SEVERE}: ({_SOME_CODES})\.")
    nobody = re.split("ingen har kryssat för", words, flags=re.IGNORECASE)[-1]
    unasked = re.findall(rf"(?:Kost|Tål inte): ({_NAME}(?:, {_NAME})*)", nobody, re.IGNORECASE)
    return {
        "registrations": {int(people), *map(int, found(r"Antal anmälningar: (\d+)"))},
        "portions": {meal: int(n) for n, meal in re.findall(r"(\d+) till (\w+)", portions)},
        "in all": int(in_all),
        "eat": {
            frozenset(re.sub("^bara ", "", meals).split(" och ")): int(number)
            for number, meals in re.findall(r"(\d+) äter ([^,]+)", eat)
        },
        "noted": (int(noted[0]), int(noted[1] or 0), set(noted[2].split(", "))) if noted else None,
        "nobody": frozenset().union(*map(codes_of, unasked)),
    }


class _Blocks(HTMLParser):
    """Collects headings, paragraphs, list items and table rows: element, class and words."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[tuple[str, str, str]] = []
        self._open: list[tuple[str, str, list[str]]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in ("h2", "p", "li", "tr"):
            self._open.append((tag, dict(attributes).get("class") or "", []))
        elif self._open:
            self._open[-1][2].append(" ")

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1][0] == tag:
            _, kind, texts = self._open.pop()
            self.blocks.append((tag, kind, " ".join("".join(texts).split())))

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1][2].append(data)


def blocks_of(page: str) -> list[tuple[str, str, str]]:
    reader = _Blocks()
    reader.feed(page)
    reader.close()
    return reader.blocks
