"""An event generated from a seed: people register, change and cancel; contact persons correct.

The generator keeps its own record of who is registered with what, beside the service.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from random import Random

from app import app
from management.local.clock import SetClock
from management.local.gateway import Answer, Gateway
from management.local.moto_aws import SentMail
from tests.examples import EVENT, MEALS, NOW
from tests.fakes import InMemoryComposition
from tests.whole.contact_person import ContactPerson, key_of, ticks
from tests.whole.pages import submit
from tests.whole.readers import CODES, Plates, Portion, by_portion

Fields = dict[str, list[str]]
_DIETS, _ALLERGENS = CODES[:7], CODES[7:]
_WITH_TRACES = [code for code in _ALLERGENS if code != "lactose"]
_NOTES = ("Inte kiwi.", "Har insulin.", "Nej, men inte rå lök.", "- Inte svamp\r\n- Inte lök")
# The diets that a plate of the diet before the colon suits too.
_SUITED_BY = {
    "vegan": ("lacto_vegetarian", "vegetarian", "pescatarian", "no_pork"),
    "lacto_vegetarian": ("vegetarian", "pescatarian"),
    "vegetarian": ("pescatarian",),
}
_NO_NOTES = ("", "", "", "nej", "-", "Nej tack.", "Inga allergier")


@dataclass
class Person:
    """A registered person: the fields of the form, and what the service answered."""

    fields: Fields
    key: str
    code: str
    address: str = ""

    @property
    def portion(self) -> Portion:
        """What the person is to be served; who avoids traces avoids the allergen, too."""
        sent = self.fields
        traits = {*sent["diet"], *sent["allergen"], *sent["traces"]} - {""}
        is_noted = sent["note"][0] in _NOTES
        return Portion(frozenset(traits), frozenset(sent["traces"]), bool(sent["severe"]), is_noted)


@dataclass(frozen=True)
class Moment:
    """Everybody's code, meals and portion after a mail; that mail; and what the desk shows then."""

    people: tuple[tuple[str, tuple[str, ...], Portion], ...]
    mail: SentMail
    kitchen: tuple[str, ...]
    labels: tuple[str, ...]
    csv: str
    xlsx: bytes

    @property
    def plates(self) -> Plates:
        seen = ((meal, portion, code) for code, meals, portion in self.people for meal in meals)
        return {meal: {} for meal in MEALS} | by_portion(seen)

    @property
    def sums(self) -> set[tuple[str, str, int]]:
        """The sums to be printed; a sum of nothing is only in a heading."""
        sums = set()
        for meal, plates in self.plates.items():
            portions = sum(map(len, plates.values()))
            severe = sum(len(codes) for one, codes in plates.items() if one.severe)
            sums |= {("heading", meal, portions), ("sum", meal, portions), ("severe", meal, severe)}
        return {one for one in sums if one[2] or one[0] == "heading"}

    @property
    def sentences(self) -> dict[str, object]:
        """What is to be said once for all meals."""
        noted = [(code, portion.severe) for code, _, portion in self.people if portion.noted]
        eaten = Counter(meal for _, meals, _ in self.people for meal in meals)
        codes = {code for code, _ in noted}
        return {
            "registrations": {len(self.people)},
            "portions": {meal: eaten[meal] for meal in MEALS},
            "in all": eaten.total(),
            "eat": Counter(frozenset(meals) for _, meals, _ in self.people),
            "noted": (len(noted), sum(severe for _, severe in noted), codes) if noted else None,
            "nobody": set(CODES).difference(*(portion.traits for _, _, portion in self.people)),
        }


@cache
def moments(people: int, seed: int, rare: float) -> tuple[Moment, Moment]:
    """Run the event: the moment after the summary, and the one after the change notice.

    `rare` is the share of people whose answers are not those of somebody registered before.
    """
    clock = SetClock(NOW)
    with InMemoryComposition(EVENT, clock).installed():
        event = _Event(Random(seed), rare, ContactPerson(Gateway(app, clock)))
        event.register_people(people)
        clock.now = EVENT.closes_at
        (summary, *_) = ticks(clock, 5)
        event.browser.enter(EVENT.contacts[0].email)
        before = event.moment(summary)
        event.correct_people(people // 25 + 2)
        (notice, *_) = ticks(clock, 12)
        return before, event.moment(notice)


@dataclass
class _Event:
    random: Random
    rare: float
    browser: ContactPerson
    people: list[Person] = field(default_factory=list)
    twins: list[tuple[Person, Person]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def register_people(self, people: int) -> None:
        """People register, every tenth of them twice; some change their answers, some cancel."""
        singles = []
        for number in range(people):
            who = {"name": [f"Gäst {number}"], "organisation": [f"Förvaltning {number % 7}"]}
            person = self.register(who)
            if number % 10:
                singles.append(person)
            else:
                self.twins.append((person, self.register(who)))
        chosen = self.random.sample(singles, people // 5)
        for person in chosen[people // 10 :]:
            self.change(person, f"{person.address}/edit")
        for person in chosen[: people // 10]:
            self.remove(person, f"{person.address}/cancel")

    def correct_people(self, how_many: int) -> None:
        """Contact persons merge those who registered twice, and correct, remove and add some."""
        for kept, gone in self.twins[:how_many]:
            self.merge(kept, gone, adding=self.random.random() < 0.5)
        for person in self.random.sample(self.people, how_many):
            self.change(person, f"/desk/dag/registrations/{person.key}/edit")
        for person in self.random.sample(self.people, how_many):
            self.remove(person, f"/desk/dag/registrations/{person.key}/remove")
            who = {"name": [f"Ersättare {next(self.numbers)}"], "organisation": [""]}
            fields = self.random.choice((person.fields, self.answers())) | who
            added = self.send("/desk/dag/new", **fields).headers["location"]
            key = added.partition("?")[0].rpartition("/")[2]
            self.people.append(Person(fields, key, _code_on(self.browser.get(added))))

    def answers(self) -> Fields:
        """New answers, or those of somebody registered before."""
        random, meal = self.random, self.random.choice(MEALS)
        meals = {"meal": [meal] if random.random() < 0.3 else list(MEALS)}
        if self.people and random.random() > self.rare:
            return random.choice(self.people).fields | meals
        allergens = random.sample(_ALLERGENS, random.choice((0, 0, 1, 1, 2, 3, 12)))
        traces = [code for code in allergens if code in _WITH_TRACES and random.random() < 0.4]
        if random.random() < 0.1:
            traces.append(random.choice([code for code in _WITH_TRACES if code not in traces]))
        diet = random.choice((*_DIETS, "", "", ""))
        is_noted = random.random() < 0.2 or not (diet or allergens or traces)
        note = random.choice(_NOTES if is_noted else _NO_NOTES)
        severe = (allergens or traces or is_noted) and random.random() < 0.3
        return meals | {
            "diet": [diet], "allergen": allergens, "traces": traces,
            "severe": ["yes"] if severe else [], "note": [note],
        }  # fmt: skip

    def register(self, who: Fields) -> Person:
        fields, nonce = self.answers() | who, f"the-nonce-of-person-{next(self.numbers)}"
        answer = submit(self.browser.gateway, nonce, **fields)
        address = answer.headers["location"]
        code = _code_on(self.browser.get(address))
        self.people.append(Person(fields, key_of(answer), code, address))
        return self.people[-1]

    def change(self, person: Person, path: str) -> None:
        """Change everything but the name, or only the meals."""
        answers = {name: values for name, values in self.answers().items() if name != "name"}
        answers |= {"organisation": person.fields["organisation"]}
        person.fields = person.fields | self.random.choice((answers, {"meal": answers["meal"]}))
        self.send(path, **person.fields)

    def remove(self, person: Person, path: str) -> None:
        self.send(path)
        self.people.remove(person)

    def merge(self, kept: Person, gone: Person, *, adding: bool) -> None:
        """Remove one registration of a person; with `adding`, keep what either does not eat."""
        if adding:
            kept.fields = kept.fields | _together(kept.fields, gone.fields)
        path = f"/desk/dag/duplicates/keep/{kept.key}/{gone.key}"
        self.send(path, adding=["yes"] if adding else [])
        self.people.remove(gone)

    def send(self, path: str, **changes: list[str]) -> Answer:
        answer = self.browser.fill_in(path, **changes)
        assert answer.status == 303, answer.status
        return answer

    def moment(self, mail: SentMail) -> Moment:
        return Moment(
            tuple((one.code, tuple(one.fields["meal"]), one.portion) for one in self.people),
            mail,
            tuple(self.parts("/desk/dag/kitchen?")),
            tuple(page for meal in MEALS for page in self.parts(f"/desk/dag/labels?meal={meal}&")),
            self.browser.get("/desk/dag/list.csv").text,
            self.browser.get("/desk/dag/list.xlsx").body,
        )

    def parts(self, path: str) -> Iterator[str]:
        """All parts of a page of the desk."""
        page = self.browser.get(f"{path}part=1").text
        yield page
        found = re.search(r"Del 1 av (\d+)", page)
        for number in range(2, int(found[1]) + 1 if found else 2):
            yield self.browser.get(f"{path}part={number}").text


def _together(kept: Fields, gone: Fields) -> Fields:
    """The stricter of two answers to each question."""
    (diet,), (other,) = kept["diet"], gone["diet"]
    stricter = other if not diet or diet in _SUITED_BY.get(other, ()) else diet
    notes = [note for note in (kept["note"][0], gone["note"][0]) if note in _NOTES]
    both = {name: sorted({*kept[name], *gone[name]}) for name in ("meal", "allergen", "traces")}
    severe = kept["severe"] or gone["severe"]
    return both | {"diet": [stricter], "severe": severe, "note": [notes[0] if notes else ""]}


def _code_on(page: Answer) -> str:
    found = re.search(r'class="code">(\w+)<', page.text)
    assert found
    return found[1]
