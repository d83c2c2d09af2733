"""A contact person's work at the desk, through the app."""

import csv
import io
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from openpyxl import load_workbook

import app as application
from chalicelib.audit.log import Deed
from chalicelib.event.event import Event
from chalicelib.lifecycle import store as controls
from chalicelib.mail import blocks
from chalicelib.registration import store as registrations
from chalicelib.registration.answers import Answers
from chalicelib.registration.diet import ALLERGENS
from chalicelib.registration.registration import Registration
from management.local.clock import SetClock, local_moment
from management.local.gateway import Gateway
from tests.examples import NOW
from tests.fakes import in_memory, items_in_the_table, sent_mails, the_table
from tests.whole.forms import read_form
from tests.whole.officer import Officer, deeds, key_of, stored, tick, ticks
from tests.whole.pages import codes_on, headings_of, submit, text_of
from tests.wire import refusing

MINUTE = timedelta(minutes=1)
CALLER = {"name": ["Bo Ek"], "meal": ["lunch"], "diet": ["halal"]}


@pytest.fixture
def summarised(gateway: Gateway, clock: SetClock, event: Event) -> Officer:
    """A contact person who is in after the summary about one registration has gone."""
    assert submit(gateway).status == 303
    clock.now = event.closes_at
    assert len(ticks(clock, 5)) == len(event.contacts)
    return Officer(gateway).enter(event.contacts[0].email)


# Somebody rings after the deadline


def test_a_late_caller_is_added_and_the_change_is_mailed_to_everybody(
    summarised: Officer, clock: SetClock, event: Event
) -> None:
    assert "Samma som version 1 av" in text_of(summarised.get("/desk/kitchen"))
    form = read_form(summarised.get("/desk/new").text)
    answers = [summarised.post(form.action, **{**form.fields, **CALLER}) for _ in range(2)]
    assert [answer.status for answer in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    page = summarised.get(answers[0].headers["location"])
    code = re.search(r'class="code">(\w+)<', page.text)
    assert code
    assert "Anmälan är tillagd. Säg koden till den som ringde." in text_of(page)
    assert "Bo Ek" in text_of(page)
    overview = text_of(summarised.get("/desk/overview"))
    assert f"+1 halal till lunch, nu 1 (ny kod: {code[1]})" in overview
    assert "Ett besked om ändringen mejlas till kontaktpersonerna" in overview
    assert "Nyare än version 1 av" in text_of(summarised.get("/desk/kitchen"))
    notices = ticks(clock, 12)
    assert {mail.recipients[0] for mail in notices} == {one.email for one in event.contacts}
    for mail in notices:
        assert mail.message["Subject"].startswith("Ändrad specialkost 31 maj: 2 portioner")
        assert f"+1 halal till lunch, nu 1 (ny kod: {code[1]})" in mail.part("plain")
        assert "Bo Ek" not in mail.part("plain") + mail.part("html")
    assert [one for one in deeds() if one[0] is Deed.ADDED] == [
        (Deed.ADDED, event.contacts[0].email, code[1])
    ]
    assert "Inget har ändrats sedan dess" in text_of(summarised.get("/desk/overview"))


def test_a_form_with_errors_keeps_what_was_typed_and_writes_nothing(
    gateway: Gateway, officer: Officer
) -> None:
    key = key_of(submit(gateway))
    for path in ("/desk/new", f"/desk/registrations/{key}/edit"):
        form = read_form(officer.get(path).text)
        fields = {**form.fields, **CALLER, "name": [""], "note": ["Inte kiwi."]}
        before = items_in_the_table()
        answer = officer.post(form.action, **fields)
        assert answer.status == 422
        assert "Skriv namnet på den som anmälan gäller." in text_of(answer)
        again = read_form(answer.text)
        assert (again.action, again.fields) == (path, {**form.fields, **fields})
        assert items_in_the_table() == before


# Correcting and removing


def test_a_correction_is_the_next_revision_once_and_in_the_log(
    gateway: Gateway, event: Event, officer: Officer, clock: SetClock
) -> None:
    key = key_of(submit(gateway))
    before = stored(key)
    form = read_form(officer.get(f"/desk/registrations/{key}/edit").text)
    assert officer.post(form.action, **form.fields).status == 303
    assert stored(key) == before, "nothing was changed"
    clock.move(MINUTE)
    for _ in range(2):
        answer = officer.post(form.action, **{**form.fields, "diet": ["halal"]})
        assert answer.headers["location"] == f"/desk/registrations/{key}?saved=corrected"
    answers = replace(before.answers, diet="halal")
    assert stored(key) == replace(before, answers=answers, revision=2, changed_at=clock.now)
    assert deeds()[1:] == [(Deed.CORRECTED, event.contacts[0].email, before.plate_code)]


OVERTAKEN = {
    "edit": ("Ändringen är inte sparad", Deed.SAW_ONE, {"diet": ["kosher"]}),
    "remove": ("Anmälan är inte borttagen", Deed.SAW_ONE, {"reason": ["sjuk"], "block": ["yes"]}),
    "double": ("Inget är borttaget", Deed.SAW_DOUBLES, {}),
    "double's other": ("Inget är borttaget", Deed.SAW_DOUBLES, {}),
}


@pytest.mark.parametrize("act", OVERTAKEN)
def test_who_is_overtaken_is_shown_what_is_stored_as_the_log_says_and_may_then_go_on(
    event: Event,
    clock: SetClock,
    officer: Officer,
    colleague: Officer,
    doubles: tuple[str, str],
    act: str,
) -> None:
    other, key = doubles
    path = {
        "double": f"/desk/doubles/keep/{other}/{key}",
        "double's other": f"/desk/doubles/keep/{key}/{other}",
    }.get(act, f"/desk/registrations/{key}/{act}")
    words, deed, typed = OVERTAKEN[act]
    form = read_form(officer.get(path).text)
    assert colleague.fill_in(f"/desk/registrations/{key}/edit", diet=["pescatarian"]).status == 303
    theirs, known = stored(key), len(deeds())
    clock.move(MINUTE)
    answer = officer.post(path, **{**form.fields, **typed})
    assert answer.status == 409
    assert words in text_of(answer)
    assert "Portion Pescetarisk" in text_of(answer)
    ((seen, contact, about),) = deeds()[known:]
    assert (seen, contact) == (deed, event.contacts[0].email)
    assert theirs.plate_code in about
    assert stored(key) == theirs
    assert blocks.count(the_table()) == 0
    again = read_form(answer.text).fields
    assert {name: again[name] for name in typed} == typed
    assert officer.post(path, **again).status == 303
    left = registrations.find(the_table(), key)
    if act == "edit":
        assert left == replace(
            theirs, answers=replace(theirs.answers, diet="kosher"), revision=3, changed_at=clock.now
        )
    else:
        assert (left is None) == (act != "double's other")


@pytest.mark.parametrize(
    ("reason", "about"), [("  sjuk\r\n i dag ", "{}: sjuk i dag"), (" ", "{}")]
)
def test_removing_asks_and_then_removes_and_the_log_says_why(
    gateway: Gateway, event: Event, officer: Officer, reason: str, about: str
) -> None:
    key = key_of(submit(gateway))
    about = about.format(stored(key).plate_code)
    path = f"/desk/registrations/{key}/remove"
    page = officer.get(path)
    assert "Vill du ta bort anmälan?" in text_of(page)
    assert "Åsa Öström" in text_of(page)
    answer = officer.fill_in(path, reason=[reason])
    assert answer.headers["location"] == "/desk/list?removed=yes"
    assert "Anmälan är borttagen." in text_of(officer.get(answer.headers["location"]))
    assert registrations.find(the_table(), key) is None
    assert (Deed.REMOVED, event.contacts[0].email, about) in deeds()
    assert f"tog bort en anmälan ({about})" in text_of(officer.get("/desk/log"))
    known = deeds()
    assert officer.post(path, revision=["1"]).headers["location"] == "/desk/list?removed=yes"
    assert deeds() == known


# Doubles


@pytest.fixture
def doubles(gateway: Gateway) -> tuple[str, str]:
    first = submit(gateway, organisation=["Kultur"], allergen=["nuts"])
    second = submit(
        gateway, name=["ASA OSTROM"], organisation=["kultur"], diet=["halal"], email=["a@b.example"]
    )
    assert submit(gateway, name=["Bo Ek"], organisation=["Kultur"]).status == 303
    return key_of(first), key_of(second)


def test_doubles_are_side_by_side_and_one_is_kept(
    officer: Officer, doubles: tuple[str, str]
) -> None:
    kept, gone = doubles
    page = officer.get("/desk/doubles")
    for words in ("Åsa Öström", "ASA OSTROM", "Vegansk + utan nötter", "Halal"):
        assert words in text_of(page)
    assert "Bo Ek" not in text_of(page)
    path = f"/desk/doubles/keep/{kept}/{gone}"
    assert f'href="{path}"' in page.text
    assert f'href="/desk/doubles/keep/{gone}/{kept}"' in page.text
    asked = officer.get(path)
    assert "De har inte samma kost." in text_of(asked)
    codes = stored(kept).plate_code, stored(gone).plate_code
    assert f"Ja, ta bort {codes[1]}" in text_of(asked)
    assert officer.fill_in(path).headers["location"] == "/desk/doubles?removed=yes"
    assert registrations.find(the_table(), gone) is None
    assert stored(kept).revision == 1
    assert deeds()[-1][0] in {Deed.REMOVED, Deed.SAW_DOUBLES}
    assert (Deed.REMOVED, f"{codes[1]}: dubblett av {codes[0]}") in [
        (deed, about) for deed, _, about in deeds()
    ]
    assert "Inga just nu." in text_of(officer.get("/desk/doubles"))
    assert officer.get(path).status == officer.post(path, revision=["1"]).status == 404


def test_of_many_that_look_like_one_person_six_are_fetched_and_the_rest_counted(
    gateway: Gateway, officer: Officer
) -> None:
    for number in range(8):
        submit(gateway, f"the-nonce-of-{number}", note=[f"Nummer {number}."])
    page = officer.get("/desk/doubles")
    assert (page.text.count("<h3>"), "Och 2 till:" in page.text) == (6, True)
    batches = [
        one["RequestItems"] for one in in_memory().database.requests if "RequestItems" in one
    ]
    assert [len(tables["dukat-dev"]["Keys"]) for tables in batches] == [6]


def test_of_two_who_each_keep_another_one_removes_nothing(
    officer: Officer, colleague: Officer, doubles: tuple[str, str]
) -> None:
    one, two = doubles
    mine, theirs = f"/desk/doubles/keep/{one}/{two}", f"/desk/doubles/keep/{two}/{one}"
    forms = officer.get(mine), colleague.get(theirs)
    assert officer.post(mine, **read_form(forms[0].text).fields).status == 303
    assert colleague.post(theirs, **read_form(forms[1].text).fields).status == 404
    assert stored(one)
    assert [deed for deed, _, _ in deeds()].count(Deed.REMOVED) == 1


# Closing, reopening, sending again


def test_closing_asks_and_then_closes_for_everybody_and_the_summary_comes(
    gateway: Gateway, officer: Officer, clock: SetClock, event: Event
) -> None:
    assert submit(gateway).status == 303
    assert "Den är öppen till måndag 24 maj kl. 24.00." in text_of(officer.get("/desk/close"))
    assert officer.fill_in("/desk/close").headers["location"] == "/desk/overview"
    assert submit(gateway, name=["Sen"]).status == 409
    assert (Deed.CLOSED, event.contacts[0].email, "") in deeds()
    closed = text_of(officer.get("/desk/overview"))
    assert "stängde torsdag 20 maj kl. 10.00." in closed
    assert "Sammanställningen görs nu och mejlas inom några minuter." in closed
    assert len(ticks(clock, 5)) == len(event.contacts)
    again = officer.post("/desk/close")
    assert again.status == 409
    assert "Anmälan är redan stängd" in text_of(again)
    assert [deed for deed, _, _ in deeds()] == [Deed.CLOSED]


def test_reopened_everybody_may_register_until_the_new_time(
    gateway: Gateway, summarised: Officer, clock: SetClock, event: Event
) -> None:
    page = text_of(summarised.get("/desk/reopen"))
    assert "Öppnar du den kan alla anmäla sig" in page
    answer = summarised.fill_in("/desk/reopen", day=["2027-05-26"], clock=["24.00"])
    assert answer.headers["location"] == "/desk/overview"
    assert (Deed.REOPENED, event.contacts[0].email, "onsdag 26 maj kl. 24.00") in deeds()
    assert submit(gateway, name=["Bo"]).status == 303
    overview = text_of(summarised.get("/desk/overview"))
    assert "öppen till onsdag 26 maj kl. 24.00." in overview
    assert "mejlas en ny sammanställning, som ersätter den." in overview
    assert "Ett besked om ändringen" not in overview
    assert "Skicka den igen" not in overview
    assert summarised.post("/desk/send", to=["all"]).status == 409
    clock.now = local_moment("2027-05-26T23:59:59", event.timezone)
    assert submit(gateway, name=["Al"]).status == 303
    clock.move(timedelta(seconds=1))
    assert submit(gateway, name=["Sen"]).status == 409
    later = [mail for mail in ticks(clock, 5) if event.operator not in mail.recipients]
    assert len(later) == len(event.contacts)
    assert all("Det ersätter version 1" in mail.part("plain") for mail in later)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("close", "Någon har flyttat sista tiden"),
        ("reopen", "Någon har ändrat tiden eller stängt"),
    ],
)
def test_a_deadline_that_has_moved_since_it_was_shown_is_shown_anew(
    officer: Officer, colleague: Officer, act: str, words: str
) -> None:
    form = read_form(officer.get(f"/desk/{act}").text)
    assert colleague.fill_in("/desk/reopen", day=["2027-05-25"], clock=["12.00"]).status == 303
    moved, fields = controls.read(the_table()), {**form.fields, "day": ["2027-05-26"]}
    answer = officer.post(form.action, **fields)
    assert answer.status == 409
    assert words in text_of(answer)
    assert "öppen till tisdag 25 maj kl. 12.00." in text_of(answer)
    assert controls.read(the_table()) == moved
    shown = read_form(answer.text).fields["shown"]
    assert officer.post(form.action, **{**fields, "shown": shown}).status == 303


@pytest.mark.parametrize(
    ("day", "clock_", "opens_until"),
    [
        (" 2027-05-26 ", " kl. 9.05 ", "2027-05-26T09:05"),
        ("2027-05-31", "8.30", "2027-05-31T08:30"),
        ("2027-05-20", "10.01", "2027-05-20T10:01"),
    ],
)
def test_a_deadline_that_can_be_is_taken(
    officer: Officer, event: Event, day: str, clock_: str, opens_until: str
) -> None:
    assert officer.fill_in("/desk/reopen", day=[day], clock=[clock_]).status == 303
    assert controls.read(the_table()).closes_at == local_moment(opens_until, event.timezone)


MOMENT = "Skriv dagen som 2027-05-31 och klockslaget som 12.00."
RANGE = "Välj en tid som inte har passerat, senast när evenemanget börjar måndag 31 maj kl. 8.30."


@pytest.mark.parametrize(
    ("day", "clock_", "words"),
    [
        ("", "", MOMENT),
        ("2027-02-30", "12.00", MOMENT),
        ("0001-01-01", "00.00", RANGE),
        ("9999-12-31", "12.00", RANGE),
        ("2027-05-20", "10.00", RANGE),
        ("2027-05-31", "8.31", RANGE),
    ],
)
def test_a_deadline_that_cannot_be_is_refused_and_what_was_typed_is_kept(
    officer: Officer, day: str, clock_: str, words: str
) -> None:
    before = controls.read(the_table())
    answer = officer.fill_in("/desk/reopen", day=[day], clock=[clock_])
    assert answer.status == 422
    assert words in text_of(answer)
    fields = read_form(answer.text).fields
    assert fields["day"] == [day]
    assert fields["clock"] == [clock_ or "24.00"]
    assert controls.read(the_table()) == before
    assert deeds() == []


def test_the_summary_is_sent_again_to_oneself_or_to_all_with_the_same_numbers(
    summarised: Officer, clock: SetClock, event: Event
) -> None:
    first = next(mail for mail in sent_mails() if "Specialkost" in mail.message["Subject"])
    checked = re.search(r"kontrolltal [0-9a-f]{8}", first.part("plain"))
    assert checked
    assert "Version 1 skickas en gång till" in text_of(summarised.get("/desk/send"))
    form = read_form(summarised.get("/desk/send").text)
    for to, whom in (("me", [event.contacts[0].email]),
                     ("all", [one.email for one in event.contacts])):  # fmt: skip
        for recipients in (whom, []):  # the form that is sent twice sends once
            answer = summarised.post(form.action, **{**form.fields, "to": [to]})
            assert answer.headers["location"] == "/desk/overview?sent=summary"
            overview = text_of(summarised.get(answer.headers["location"]))
            assert "Sammanställningen är på väg igen." in overview
            again = ticks(clock, 2)
            assert [mail.recipients[0] for mail in again] == recipients
            for mail in again:
                assert mail.message["Subject"] == f"Kopia: {first.message['Subject']}"
                assert checked[0] in mail.part("plain")
    assert summarised.post("/desk/send").status == 303  # without a nonce it is one by itself
    assert [mail.recipients for mail in ticks(clock, 1)] == [(event.contacts[0].email,)]
    assert [one for one in deeds() if one[0] is Deed.SENT_AGAIN] == [
        (Deed.SENT_AGAIN, event.contacts[0].email, "1")
    ] * 3


@pytest.mark.parametrize(
    ("who", "act"), [("officer", "close"), ("officer", "reopen"), ("summarised", "send")]
)
def test_what_moves_the_whole_is_not_done_when_the_log_cannot_be_written(
    request: pytest.FixtureRequest, who: str, act: str
) -> None:
    officer: Officer = request.getfixturevalue(who)
    form = read_form(officer.get(f"/desk/{act}").text)
    fields = {**form.fields, "day": ["2027-05-26"], "to": ["all"]}
    before = items_in_the_table()
    in_memory().database.on("", "ACCESS#", refusing("ThrottlingException"))
    assert officer.post(form.action, **fields).status == 503
    assert items_in_the_table() == before
    assert officer.post(form.action, **fields).status == 303
    assert len(deeds()) == 1


def test_before_the_summary_there_is_none_to_send(officer: Officer) -> None:
    assert "Det finns ingen sammanställning att skicka" in text_of(officer.get("/desk/send"))
    answer = officer.post("/desk/send", to=["all"])
    assert answer.status == 409
    assert "Det finns ingen sammanställning att skicka" in text_of(answer)
    assert deeds() == []


# The list


def fill(how_many: int) -> list[str]:
    """Registers so many; their names, as the list sorts them."""
    names = [f"{letter}{n:03} Ek" for n in range(how_many // 4) for letter in "AZÅÖ"]
    for number, name in enumerate(names):
        answers = Answers(name, ("lunch",) if number % 2 else ("fika",), diet="vegan")
        registration = Registration(answers, f"C{number:03}", NOW, NOW)
        registrations.add(the_table(), f"{number:064x}", registration)
    return sorted(names, key=lambda name: ("AZÅÖ".index(name[0]), name))


def test_of_120_people_everybody_is_on_one_of_three_pages_in_sequence(
    officer: Officer, clock: SetClock
) -> None:
    names, pages, path = fill(120), list[list[str]](), "/desk/list"
    while path:
        clock.move(MINUTE)
        answer = officer.get(path)
        assert f"Sida {len(pages) + 1} av 3" in text_of(answer)
        assert "120 anmälda" in text_of(answer)
        pages.append(headings_of(answer))
        following = re.search(r'<a href="([^"]+)">Nästa</a>', answer.text)
        path = following[1].replace("&amp;", "&") if following else ""
    assert [name for page in pages for name in page] == names
    assert [len(page) for page in pages] == [50, 50, 20]
    assert headings_of(officer.get("/desk/list?page=99")) == names[100:]
    assert [about for _, _, about in deeds()][:3] == [f"sida {n} av 3" for n in (1, 2, 3)]
    for nonsense in ("0", "-1", "x", "9" * 50, "²"):
        assert headings_of(officer.get(f"/desk/list?page={nonsense}")) == names[:50]


def test_a_filter_goes_with_its_pages(officer: Officer) -> None:
    fill(120)
    first = officer.get("/desk/list?meal=lunch&sort=code&severe=&noted=&diet=&allergen=")
    following = re.search(r'<a href="([^"]+)">Nästa</a>', first.text)
    assert following
    second = officer.get(following[1].replace("&amp;", "&"))
    assert "60 anmälda" in text_of(first)
    assert (len(headings_of(first)), len(headings_of(second))) == (50, 10)
    assert not set(headings_of(first)) & set(headings_of(second))
    assert '<option value="lunch" selected>' in second.text
    assert "<details open>" in second.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("meal=fika", ["Al", "Åsa"]),
        ("diet=halal", ["Bo"]),
        ("allergen=nuts", ["Åsa"]),
        ("severe=yes", ["Åsa"]),
        ("noted=yes", ["Al"]),
        ("sort=newest", ["Åsa", "Bo", "Al"]),
        ("sort=nonsense", ["Al", "Bo", "Åsa"]),
        ("meal=nonsense", []),
        ("meal=fika&severe=yes", ["Åsa"]),
    ],
)
def test_the_list_shows_whom_was_chosen(
    officer: Officer, clock: SetClock, query: str, found: list[str]
) -> None:
    for fields in (
        {"name": ["Al"], "meal": ["fika"], "diet": ["vegan"], "note": ["Inte kiwi."]},
        {"name": ["Bo"], "meal": ["lunch"], "diet": ["halal"]},
        {"name": ["Åsa"], "meal": ["lunch", "fika"], "allergen": ["nuts"], "severe": ["yes"]},
    ):
        clock.move(MINUTE)
        assert officer.post("/desk/new", **fields).status == 303
    page = officer.get(f"/desk/list?{query}")
    assert headings_of(page) == found
    links = re.findall(r'href="([^"]+)">Markera alla på sidan', page.text)
    assert [headings_of(officer.get(unescape(link))) for link in links] == [found] * bool(found)


def test_a_search_is_a_form_whose_words_are_in_no_address_also_on_its_further_pages(
    officer: Officer,
) -> None:
    names = fill(240)
    answer = officer.post("/desk/list", text=["å0"])
    assert "60 träffar på ”å0”" in text_of(answer)
    found = headings_of(answer)
    forms = re.findall(r'<form method="post" action="/desk/list">(.*?)</form>', answer.text)
    (following,) = [form for form in forms if "Nästa" in form]
    fields = read_form(f'<form action="/desk/list">{following}</form>').fields
    assert fields == {"text": ["å0"], "page": ["2"]}
    found += headings_of(officer.post("/desk/list", **fields))
    assert found == [name for name in names if name.startswith("Å")]
    nobody = officer.post("/desk/list", text=["Nils"])
    assert "0 träffar på ”Nils”" in text_of(nobody)
    assert headings_of(nobody) == []
    assert "240 anmälda" in text_of(officer.post("/desk/list"))
    assert {deed for deed, _, _ in deeds()} == {Deed.SEARCHED}
    assert not re.search("å0|Nils", str(deeds()))


def test_what_people_typed_is_text_on_every_page(gateway: Gateway, officer: Officer) -> None:
    evil = "<script>alert(1)</script>{{7*7}}"
    key = key_of(submit(gateway, name=[evil], organisation=[evil], note=[evil]))
    submit(gateway, name=[evil], organisation=[evil], diet=["halal"])
    paths = ("list", f"registrations/{key}", f"registrations/{key}/edit", "doubles", "attendance",
             f"registrations/{key}/remove", "labels?meal=lunch&names=yes")  # fmt: skip
    for path in paths:
        page = officer.get(f"/desk/{path}")
        assert evil in unescape(page.text)
        assert "<script" not in page.text
    assert "<script" not in officer.post("/desk/list", text=[evil]).text


# What is taken away


def test_the_workbook_and_the_csv_have_everybody_in_the_lists_sequence(officer: Officer) -> None:
    names = fill(240)
    text = officer.get("/desk/list.csv")
    for officer.headers["Accept"] in ("*/*", "text/html,application/xml;q=0.9,*/*;q=0.8"):
        xlsx = officer.get("/desk/list.xlsx")
        page = load_workbook(io.BytesIO(xlsx.body)).active
        assert [row[1] for row in page.iter_rows(min_row=2, values_only=True)] == names
    for answer, kind in ((xlsx, "xlsx"), (text, "csv")):
        assert answer.status == 200
        disposition = answer.headers["content-disposition"]
        assert disposition == f'attachment; filename="specialkost-2027-05-31.{kind}"'
    assert xlsx.headers["content-type"].endswith("spreadsheetml.sheet")
    assert text.headers["content-type"] == "text/csv; charset=utf-8"
    assert text.body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(text.body.decode("utf-8-sig")), delimiter=";"))
    assert [row[1] for row in rows[1:]] == names


def test_labels_are_21_on_a_sheet_by_code_and_without_names_unless_asked_for(
    officer: Officer,
) -> None:
    fill(440)
    codes: list[str] = []
    for part, on_sheets in ((1, [21] * 10), (2, [10])):
        page = officer.get(f"/desk/labels?meal=lunch&part={part}")
        assert f"Del {part} av 2" in text_of(page)
        sheets = page.text.split('<div class="sheet">')[1:]
        assert [sheet.count('class="label-code"') for sheet in sheets] == on_sheets
        assert "Ek" not in text_of(page)
        codes += codes_on(page)
    assert codes == [f"C{number:03}" for number in range(1, 440, 2)]
    named = officer.get("/desk/labels?meal=lunch&names=yes&part=2")
    assert named.text.count('class="label-name"') == 10
    assert "Etiketter till lunch" in text_of(officer.get("/desk/labels?meal=nonsense"))


def test_a_label_has_room_for_every_allergen_and_what_is_severe_is_marked_everywhere(
    gateway: Gateway, officer: Officer
) -> None:
    every, some = list(ALLERGENS), ["nuts", "lupin"]
    key = key_of(submit(gateway, allergen=every, traces=every, severe=["yes"]))
    submit(gateway, name=["Bo"], diet=["halal"])
    submit(gateway, diet=["vegan"], allergen=every, traces=some, note=["Inte kiwi."])
    page, code = officer.get("/desk/labels?meal=fika"), stored(key).plate_code
    for allergen in ALLERGENS.values():
        assert allergen.name.lower() in text_of(page).lower()
    assert "Inte ens spår av något av dem." in text_of(page)
    assert "vegansk. Tål inte: gluten (celiaki), vete" in text_of(page)
    assert "Inte ens spår av nötter, lupin. Enligt egen anteckning." in text_of(page)
    assert page.text.count("ALLVARLIG ALLERGI") == 1
    assert f"{code} Fika ALLVARLIG ALLERGI" in text_of(page)
    assert "Halal" in text_of(page)
    kitchen, listed, attendance = (
        text_of(officer.get(f"/desk/{path}")) for path in ("kitchen", "list", "attendance")
    )
    assert f"utan lupin, inte ens spår {code}" in kitchen
    assert "1 ALLVARLIG ALLERGI Vegansk" in kitchen
    assert "Allvarlig allergi. Vegansk" in listed
    assert "Allvarlig allergi Lunch, Fika" in attendance


def test_whose_code_it_is_has_everybody_by_name(officer: Officer) -> None:
    names = fill(120)
    page = officer.get("/desk/attendance")
    found = re.findall(r'<td class="who">([^<]+)', page.text)
    assert [name.partition(", ")[0].strip() for name in found] == names
    assert "C000" in text_of(page)


def test_the_kitchens_list_has_numbers_and_no_names(
    gateway: Gateway, officer: Officer, event: Event
) -> None:
    submit(gateway, name=["Märkvärdig"], note=["Inte kiwi."])
    page = text_of(officer.get("/desk/kitchen"))
    assert "Lunch kl. 11.45: 1 portion" in page
    assert "Anmälan är fortfarande öppen." in page
    assert "Märkvärdig" not in page
    assert "kiwi" not in page
    assert deeds() == []


def test_the_log_is_read_a_page_at_a_time_to_its_beginning(
    officer: Officer, clock: SetClock, event: Event
) -> None:
    for _ in range(119):
        clock.move(MINUTE)
        officer.get("/desk/list")
    lines, path = 0, "/desk/log"
    while path:
        answer = officer.get(path)
        lines += answer.text.count("såg listan") + answer.text.count("loggade in")
        older = re.search(r'<a href="([^"]+)">Äldre</a>', answer.text)
        path = older[1] if older else ""
    assert lines == 120
    assert event.contacts[0].name in text_of(answer)
    assert "loggade in" in text_of(answer)


# The overview


def test_the_overview_of_an_event_nobody_has_registered_for(officer: Officer) -> None:
    page = text_of(officer.get("/desk/overview"))
    assert "Anmälan är öppen till måndag 24 maj kl. 24.00." in page
    assert "0 anmälda" in page
    assert page.count("Ingen har anmält specialkost till den här måltiden.") == 2
    for words in ("Allvarliga allergier", "Anmälda per dag", "Sammanställningen, version"):
        assert words not in page


def test_the_overview_before_the_closing_has_severe_first_and_words_beside_every_bar(
    gateway: Gateway, officer: Officer, clock: SetClock
) -> None:
    clock.move(-timedelta(days=1, hours=9.5))  # which is the day before in UTC
    submit(gateway, allergen=["nuts"], severe=["yes"])
    clock.move(timedelta(days=1))
    for name in ("Bo", "Al"):
        submit(gateway, name=[name], meal=["lunch"], diet=["halal"])
    answer = officer.get("/desk/overview")
    page = text_of(answer)
    assert "3 anmälda, varav 1 med allvarlig allergi" in page
    assert page.index("Allvarliga allergier") < page.index("Portioner per måltid")
    assert "Lunch kl. 11.45: 3 portioner" in page
    assert "2 Halal" in page
    assert "19 maj: 1 20 maj: 2" in page
    bars = answer.text.count('<svg class="amount')
    beside = re.findall(
        r"<li><span>[^<]*\d(?:[^<]|<strong[^>]*>|</strong>)*</span><svg", answer.text
    )
    assert bars == len(beside) >= 5
    assert answer.text.count('aria-hidden="true"') >= bars
    for link in ("/desk/close", "/desk/reopen", "/desk/new", "/desk/list?severe=yes"):
        assert f'href="{link}"' in answer.text
    assert "/desk/send" not in answer.text


def test_the_overview_while_the_summary_is_being_made(
    gateway: Gateway, officer: Officer, clock: SetClock, event: Event
) -> None:
    submit(gateway)
    clock.now = event.closes_at
    officer = Officer(gateway).enter(event.contacts[0].email)
    page = text_of(officer.get("/desk/overview"))
    assert "stängde måndag 24 maj kl. 24.00. Sammanställningen görs nu" in page
    assert officer.post("/desk/send", to=["all"]).status == 409
    assert "Öppna anmälan igen" in page
    assert "Stäng anmälan nu" not in page


def test_the_overview_after_the_summary_says_what_became_of_its_mails(
    summarised: Officer, clock: SetClock, event: Event
) -> None:
    page = text_of(summarised.get("/desk/overview"))
    assert "Sammanställningen, version 1" in page
    for contact in event.contacts:
        assert f"{contact.name}: skickad, men det är inte bekräftat" in page
    assert "Inget har ändrats sedan dess." in page
    assert "Skicka den igen" in page
    assert "görs nu" not in page
    in_memory().database.on("PutItem", "DELIVERY#", refusing("ThrottlingException"), times=100)
    summarised.post("/desk/new", **CALLER)
    assert ticks(clock, 12) == []
    page = text_of(summarised.get("/desk/overview"))
    assert "Sammanställningen, version 2" in page
    assert page.count("inte skickad ännu") == len(event.contacts)


def test_the_overview_after_the_event_promises_nothing(
    summarised: Officer, gateway: Gateway, clock: SetClock, event: Event
) -> None:
    clock.now = event.ends_at
    officer = Officer(gateway).enter(event.contacts[0].email)
    assert officer.fill_in("/desk/new", **CALLER).status == 303
    page = text_of(officer.get("/desk/overview"))
    assert "Dagen har varit." in page
    assert "+1 halal till lunch" in page
    assert "Ett besked om ändringen" not in page


def test_the_desk_is_in_swedish_whatever_the_browser_prefers(officer: Officer) -> None:
    officer.headers = {"Accept-Language": "en"}
    page = officer.get("/desk/overview?lang=en")
    assert '<html lang="sv">' in page.text
    assert "?lang=" not in page.text


def test_a_stage_is_in_every_address_of_the_desk(
    gateway: Gateway, clock: SetClock, event: Event
) -> None:
    staged = Officer(Gateway(application.app, clock, stage="api"))
    assert staged.ask(event.contacts[0].email).headers["location"] == "/api/desk/sent"
    tick()
    link = re.search(r"/api(/desk/enter/\S+)", sent_mails()[-1].part("plain"))
    assert link
    answer = staged.post(link[1])
    assert answer.headers["location"] == "/api/desk/overview"
    staged.cookie = answer.headers["set-cookie"].partition(";")[0]
    page = staged.get("/desk/overview")
    assert page.status == 200
    assert not re.search(r'(?:href|action)="/(?!api/)', page.text)
