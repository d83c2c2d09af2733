"""Lists and pages stay within the size that Lambda's answer may have, whatever people wrote."""

import csv
import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from app import app
from chalicelib.audit.log import AuditAction
from chalicelib.registration import store as registrations
from chalicelib.registration.answers import Answers
from chalicelib.registration.diet import ALLERGENS
from chalicelib.registration.registration import Registration
from management.local.clock import SetClock
from management.local.gateway import Answer, Gateway
from tests.fakes import installed_table
from tests.whole.contact_person import ContactPerson, audit_actions
from tests.whole.pages import text_of

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 6 MB, answer as JSON.
LAMBDA_ANSWER_AT_MOST = 6 * 1024 * 1024
WIDE = "\U0001f37d"


@pytest.fixture
def sizes(gateway: Gateway) -> list[int]:
    """The sizes of the functions' answers, as the runtime of Python 3.11 sends them."""
    sizes = []

    def measured(event: dict[str, Any]) -> Any:
        answer = app(event, None)
        sizes.append(len(json.dumps(answer)))
        return answer

    gateway._function = measured
    return sizes


def fill(how_many: int, text: Callable[[int], str], clock: SetClock) -> list[str]:
    """Add people with the longest texts, and every allergen; return their codes."""
    codes = []
    for number in range(how_many):
        answers = Answers(
            name=text(100),
            organisation=text(100),
            email=f"p{number}@elsewhere.example",
            meals=("lunch", "fika"),
            diet="vegan",
            allergens=tuple(ALLERGENS),
            traces=tuple(ALLERGENS),
            severe=True,
            note=text(500),
        )
        codes.append(f"C{number:04}")
        registration = Registration(answers, codes[-1], clock.now, clock.now)
        registrations.add(installed_table(), f"{number:064x}", registration)
    return codes


def wide(length: int) -> str:
    return WIDE * length


def random_ascii(length: int) -> str:
    """A text that can't be compressed much."""
    return "".join(random.choices("!#$%&'()*+,-./:;<=>?@[]^_`{|}~ABCXYZabcxyz0123456789", k=length))


def random_wide(length: int) -> str:
    return "".join(chr(random.randrange(0x20000, 0x2A6D0)) for _ in range(length))


def links_to_parts(page: Answer) -> list[str]:
    return [
        link.replace("&amp;", "&")
        for link in re.findall(r'href="(/desk/dag/list\.\w+\?part=[^"]+)"', page.text)
    ]


def codes_in(answer: Answer) -> list[str]:
    """The plate codes in a CSV file or a workbook."""
    if answer.body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(answer.body)) as workbook:
            text = workbook.read("xl/sharedStrings.xml").decode()
        return re.findall(r"<t>(C\d{4})</t>", text)
    rows = list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig")), delimiter=";"))
    return [row[0] for row in rows[1:]]


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        (wide, "csv"),
        (random_wide, "xlsx"),
        pytest.param(random_ascii, "xlsx", marks=pytest.mark.soak),
    ],
)
def test_a_list_too_large_for_an_answer_is_offered_in_parts_that_have_everybody_once(
    contact_person: ContactPerson,
    clock: SetClock,
    sizes: list[int],
    text: Callable[[int], str],
    ending: str,
) -> None:
    random.seed(1)
    how_many = 6_000 if text is random_ascii else 800
    codes = fill(how_many, text, clock)
    page = contact_person.get(f"/desk/dag/list.{ending}")
    assert page.status == 422
    assert f"{how_many} anmälda får inte plats i en fil." in text_of(page)
    assert audit_actions() == [], "nothing was sent"
    links = links_to_parts(page)
    found: list[str] = []
    for number, link in enumerate(links, 1):
        answer = contact_person.get(link)
        assert answer.status == 200
        name = f"specialkost-2027-05-31-del-{number}-av-{len(links)}.{ending}"
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
        found += codes_in(answer)
    assert sorted(found) == codes
    assert max(sizes) < LAMBDA_ANSWER_AT_MOST
    action = AuditAction.TOOK_CSV if ending == "csv" else AuditAction.TOOK_XLSX
    assert sorted((one, about) for one, _, about in audit_actions()) == [
        (action, f"alla: del {number} av {len(links)}") for number in range(1, len(links) + 1)
    ]


def test_a_part_that_has_become_too_large_offers_more_parts(
    contact_person: ContactPerson, clock: SetClock
) -> None:
    fill(1_600, wide, clock)
    page = contact_person.get("/desk/dag/list.csv?part=1&parts=2")
    assert page.status == 422
    assert len(links_to_parts(page)) > 2


def test_somebody_who_comes_or_goes_between_two_parts_moves_nobody_else(
    contact_person: ContactPerson, clock: SetClock
) -> None:
    codes = fill(40, wide, clock)
    first = codes_in(contact_person.get("/desk/dag/list.csv?part=1&parts=2"))
    key = f"{codes.index(first[0]):064x}"
    contact_person.fill_in(f"/desk/dag/registrations/{key}/remove")
    second = codes_in(contact_person.get("/desk/dag/list.csv?part=2&parts=2"))
    assert sorted(first + second) == codes


def test_nonsense_in_the_query_gives_the_whole_list_or_a_part_that_exists(
    contact_person: ContactPerson, clock: SetClock
) -> None:
    codes = fill(5, wide, clock)
    for query in ("", "?part=2", "?parts=0", "?parts=x&part=-1", "?part=9&parts=1", "?parts=1"):
        answer = contact_person.get(f"/desk/dag/list.csv{query}")
        assert sorted(codes_in(answer)) == codes, query
        assert 'filename="specialkost-2027-05-31.csv"' in answer.headers["content-disposition"]
    parts = [
        contact_person.get(f"/desk/dag/list.csv?parts=3&part={part}") for part in ("x", "2", "9")
    ]
    assert sorted(code for part in parts for code in codes_in(part)) == codes


def test_every_page_with_texts_of_600_people_fits_into_an_answer(
    contact_person: ContactPerson, clock: SetClock, sizes: list[int]
) -> None:
    fill(600, wide, clock)
    for path in (
        "overview", "list", "duplicates", "kitchen", "labels?names=yes", "attendance",
        "attendance?plates=yes", "notes", "log", f"registrations/{0:064x}/extract",
    ):  # fmt: skip
        assert contact_person.get(f"/desk/dag/{path}").status == 200, path
    contact_person.show("/desk/dag/marked", marked=[f"{number:064x}" for number in range(50)])
    assert len(sizes) == 11
    assert max(sizes) < LAMBDA_ANSWER_AT_MOST / 3
