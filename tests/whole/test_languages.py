"""An event in English only is English everywhere, and one in Swedish only is Swedish."""

import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from babel.messages.pofile import read_po

from chalicelib import bootstrap
from chalicelib.audit.words import AUDIT_ACTIONS
from chalicelib.event.event import Event
from chalicelib.event.file import parse_event
from chalicelib.mail.alarms import Alarm
from chalicelib.mail.faults import Fault
from chalicelib.mail.operator_mails import alarm_letter
from chalicelib.mail.outbox import MailKind
from chalicelib.mail.words import MAIL_STATES, MAILED_THINGS
from chalicelib.texts.language import CATALOGUES
from chalicelib.texts.rendering import environment
from management.local.clock import SetClock, parse_local_time
from management.local.gateway import Answer, Gateway
from management.local.moto_aws import SentMail
from management.local.sample_mails import sample_mails
from tests.fakes import InMemoryComposition, sent_mails
from tests.whole.marked_traffic import MarkedComposition, Traffic, marked
from tests.whole.pages import submit

ENGLISH = Path(__file__).parents[1] / "english.toml"
# What the traffic sends in, marked values that begin so, with what may follow them; and links.
# The letters of a check number, 1de5f03a, may happen to be a word.
_NUMBER = re.compile(r"\w*\d\w*")
_SENT_IN = re.compile(
    r"https?://\S+|\d*-?qz[^\s,;<>”“]*(?: (?:ändrad|igen|rättad|för sent|tre|ett|två|ringde)\b)?",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_PLACE = re.compile(r"%\(\w+\)s|<[^>]+>")


@pytest.fixture(scope="module")
def english() -> Event:
    return parse_event("dag", ENGLISH.read_text("utf-8"))


@cache
def swedish_words() -> frozenset[str]:
    """The words of the Swedish texts that no English text has."""
    with (CATALOGUES / "en/LC_MESSAGES/messages.po").open("rb") as file:
        catalogue = [message for message in read_po(file, locale="en") if message.id]

    def words(texts: Iterable[Any]) -> set[str]:
        forms = (text for one in texts for text in ([one] if isinstance(one, str) else one))
        return {word for text in forms for word in _WORD.findall(_PLACE.sub("", text).casefold())}

    ours = words([ENGLISH.read_text("utf-8"), "dag"])  # "dag" is the id in addresses and names
    return frozenset(
        words(message.id for message in catalogue)
        - words(message.string for message in catalogue)
        - ours
    )


def swedish_in(text: str) -> list[str]:
    """The Swedish words of a text, apart from what was sent in."""
    words = _WORD.findall(_NUMBER.sub("", _SENT_IN.sub("", text)).casefold())
    return [word for word in words if word in swedish_words() or set(word) & set("åäö")]


class _Texts(HTMLParser):
    """The texts of a page, and the texts in its attributes; not what people typed."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.languages: set[str] = set()
        self._skipped = 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._skipped += tag in ("style", "bdi", "textarea")
        for name, value in attributes:
            if name in ("aria-label", "title", "placeholder", "content", "alt"):
                self.texts.append(value or "")
            if name in ("lang", "hreflang"):
                self.languages.add(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._skipped -= tag in ("style", "bdi", "textarea")

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.texts.append(data)


def texts_of_mail(mail: SentMail) -> Iterator[str]:
    yield str(mail.message["Subject"])
    yield mail.part("plain")
    yield from _Texts(mail.part("html")).texts
    for file in mail.attachments():
        content = file.get_content()
        yield f"{file.get_filename()} {content.decode() if isinstance(content, bytes) else content}"


@dataclass(frozen=True)
class Walk:
    """Every answer and mail of the whole life of the event in English."""

    answers: list[tuple[str, Answer]]
    mails: list[SentMail]

    def of_type(self, media_type: str) -> list[tuple[str, Answer]]:
        return [
            (route, answer)
            for route, answer in self.answers
            if answer.headers.get("content-type", "").startswith(media_type)
        ]


@pytest.fixture(scope="module")
def walk(english: Event) -> Walk:
    before = bootstrap.composition()
    clock = SetClock(parse_local_time("2027-05-20T10:00", english.timezone))
    parts = MarkedComposition(marked(english), clock)
    bootstrap.install(parts)
    traffic = Traffic(parts, clock)
    traffic.play()
    mails = sent_mails()
    bootstrap.install(before)
    return Walk([(route, answer) for _, route, answer in traffic.gateway.exchanges], mails)


@pytest.mark.soak
def test_no_page_has_a_swedish_word_or_another_language(walk: Walk) -> None:
    pages = [(route, answer) for route, answer in walk.of_type("text/html") if answer.body]
    assert len({route for route, _ in pages}) > 30
    for route, answer in pages:
        read = _Texts(answer.text)
        assert read.languages == {"en"}, route
        assert [word for text in read.texts for word in swedish_in(text)] == [], route
    log = " ".join(answer.text for route, answer in pages if route == "/desk/{event}/log")
    assert ': <bdi translate="no">all</bdi>' in log
    assert ">alla<" not in log


@pytest.mark.soak
def test_no_file_has_a_swedish_word_in_it_or_in_its_name(walk: Walk) -> None:
    seen = set()
    for route, answer in walk.answers:
        name = answer.headers.get("content-disposition", "")
        if name:
            seen.add(name.rpartition(".")[2].strip('"'))
            assert swedish_in(name.replace("-", " ")) == [], name
            if not answer.body.startswith(b"PK"):
                assert swedish_in(answer.body.decode("utf-8-sig")) == [], route
                continue
            with ZipFile(io.BytesIO(answer.body)) as workbook:
                for part in ("xl/sharedStrings.xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"):
                    texts = re.findall(
                        r">([^<]+)<|name=\"([^\"]+)\"", unescape(workbook.read(part).decode())
                    )
                    assert [w for pair in texts for t in pair for w in swedish_in(t)] == [], part
    assert seen == {"ics", "csv", "xlsx", "json"}


@pytest.mark.soak
def test_no_mail_of_the_walk_has_a_swedish_word(walk: Walk) -> None:
    assert len({str(mail.message["Subject"]).partition(":")[0] for mail in walk.mails}) >= 10
    for mail in walk.mails:
        assert [word for text in texts_of_mail(mail) for word in swedish_in(text)] == []


def test_no_sample_of_a_mail_has_a_swedish_word(english: Event) -> None:
    mails = sample_mails(replace(english, id="sculling"))
    assert len(mails) > len(MailKind)
    for mail in mails:
        assert [word for text in texts_of_mail(mail) for word in swedish_in(text)] == []
        assert _Texts(mail.part("html")).languages == {"en"}


@pytest.mark.parametrize("fault", Fault)
def test_every_alarm_is_english(english: Event, fault: Fault) -> None:
    for going_on in (True, False):
        at = english.closes_at
        letter = alarm_letter(Alarm("x", fault, MailKind.RECEIPT, 2, at, going_on), english)
        assert swedish_in(f"{letter.subject} {letter.text}") == []


def test_every_word_for_mails_and_actions_is_english() -> None:
    filters = environment("en").filters
    said = [filters["mailed_thing"](kind) for kind in MAILED_THINGS]
    said += [filters["mail_state"](state) for state in MAIL_STATES]
    said += [filters["audit_action"](action) for action in AUDIT_ACTIONS]
    assert [word for text in said for word in swedish_in(text)] == []
    assert len(said) > len(AUDIT_ACTIONS)


def test_the_search_for_swedish_words_finds_them() -> None:
    assert swedish_in("Code, Kod, namn och portion") == ["kod", "namn", "och", "portion"]
    assert swedish_in("Qznamn-Öst igen, qzsökt") == []


def served(event: Event, clock: SetClock) -> Gateway:
    from app import app

    bootstrap.install(InMemoryComposition(event, clock))
    return Gateway(app, clock)


@pytest.fixture
def installed() -> Iterator[None]:
    before = bootstrap.composition()
    yield
    bootstrap.install(before)


PUBLIC = ["/", "/dag/privacy", "/dag/registration", "/nothing", "/desk"]


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("path", PUBLIC)
@pytest.mark.parametrize(("has", "lacks"), [("en", "sv"), ("sv", "en")])
def test_a_language_that_the_event_lacks_is_neither_offered_nor_chosen(
    event: Event, english: Event, clock: SetClock, path: str, has: str, lacks: str
) -> None:
    only = {"en": english, "sv": replace(event, languages=("sv",))}[has]
    gateway = served(only, clock)
    for target in (path, f"{path}?lang={lacks}"):
        page = gateway.request("GET", target, {"Accept-Language": lacks}).text
        assert f'<html lang="{has}">' in page
        assert f'hreflang="{lacks}"' not in page
        assert f"lang={lacks}" not in page


@pytest.mark.usefixtures("installed")
def test_the_first_language_is_that_of_the_desk_and_of_visitors_who_ask_for_neither(
    event: Event, clock: SetClock
) -> None:
    swapped = replace(event, languages=("en", "sv"))
    for one, first, other in ((event, "sv", "en"), (swapped, "en", "sv")):
        gateway = served(one, clock)
        assert f'<html lang="{first}">' in gateway.request("GET", "/desk?lang=" + other).text
        page = gateway.request("GET", "/", {"Accept-Language": "de"}).text
        assert f'<html lang="{first}">' in page
        assert f'href="/dag?lang={other}"' in page
        assert f'href="/desk" hreflang="{first}"' in page
        link = submit(gateway, email=["x@elsewhere.example"]).headers["location"]
        assert "lang=" not in link


@pytest.mark.usefixtures("installed")
def test_without_an_accessibility_statement_no_page_leads_to_one(
    english: Event, clock: SetClock
) -> None:
    gateway = served(english, clock)
    assert gateway.request("GET", "/dag/accessibility").status == 404
    for path in PUBLIC:
        assert "accessibility" not in gateway.request("GET", path).text.casefold()


@pytest.mark.usefixtures("installed")
def test_a_statement_without_a_law_speaks_of_wcag_and_names_no_authority(
    event: Event, clock: SetClock
) -> None:
    assert event.accessibility
    own = replace(event.accessibility, law="", supervisor="", supervisor_url="")
    page = (
        served(replace(event, accessibility=own), clock).request("GET", "/dag/accessibility").text
    )
    assert "Webbplatsen är helt förenlig med nivå AA i WCAG 2.2." in page
    for absent in ("Tillsyn", "lagen", "lagens", "Digg"):
        assert absent not in page


@pytest.mark.usefixtures("installed")
def test_the_privacy_notice_names_the_files_authority_and_its_law_on_documents(
    event: Event, english: Event, clock: SetClock
) -> None:
    page = served(event, clock).request("GET", "/dag/privacy").text
    assert '<a href="https://www.imy.se/">Integritetsskyddsmyndigheten (IMY)</a>' in page
    assert "allmän handling" in page
    page = served(english, clock).request("GET", "/dag/privacy").text
    assert '<a href="https://dpc.example/">the Data Protection Commission</a>' in page
    assert "official document" not in page


def test_json_errors_are_in_the_events_language(english: Event, clock: SetClock) -> None:
    before = bootstrap.composition()
    gateway = served(english, clock)
    headers = {"content-type": "application/json", "Accept-Language": "sv"}
    body = json.dumps({"name": "x"}).encode()
    answer: Any = json.loads(gateway.request("POST", "/dag/registration", headers, body).text)
    bootstrap.install(before)
    assert [word for text in answer["errors"].values() for word in swedish_in(text)] == []
