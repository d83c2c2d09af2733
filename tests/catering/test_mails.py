"""The mails with numbers to the contact persons."""

import csv
import io
import re
from dataclasses import replace
from html import unescape
from itertools import combinations
from pathlib import Path
from random import Random

import pytest

from chalicelib.catering import mails
from chalicelib.catering.attachments import as_csv
from chalicelib.catering.limits import ATTENDANCE_AT_MOST, CODES_AT_MOST
from chalicelib.catering.summary import CateringSummary, summarise
from chalicelib.catering.tally import tally
from chalicelib.event.event import Contact, Event
from chalicelib.mail import operator_mails
from chalicelib.mail.faults import OF_EVERY_MAIL, TRANSIENT, Fault
from chalicelib.mail.letter import Letter
from chalicelib.mail.mime import as_mime
from chalicelib.registration.answers import Answers, Order, Plate
from chalicelib.registration.diet import ALLERGENS
from chalicelib.texts.language import Bilingual
from chalicelib.texts.wrapping import wrapped
from management.local.gateway import as_typed
from management.local.moto_aws import SENDER
from tests.examples import MEALS, NOW, VEGAN_WITHOUT_NUTS, event_with_meals


def letter(event: Event, *answers: Answers, is_copy: bool = False) -> Letter:
    orders = [Order(f"CDF{n}", each.meals, each.plate).encode() for n, each in enumerate(answers)]
    summary = summarise(tally(orders, taken_at=NOW), event, version=1)
    return mails.summary_letter(summary, event, is_copy=is_copy)


@pytest.mark.parametrize(
    ("answers", "subject"),
    [
        ([], "Specialkost 31 maj, Säker och trygg kommun: ingen har anmält specialkost"),
        (
            [Answers("A", ("lunch",), diet="vegan")],
            "Specialkost 31 maj, Säker och trygg kommun: 1 portion till lunch",
        ),
        (
            [VEGAN_WITHOUT_NUTS, VEGAN_WITHOUT_NUTS, Answers("B", ("lunch",), diet="halal")],
            (
                "Specialkost 31 maj, Säker och trygg kommun: 2 med allvarlig allergi, "
                "3 portioner till lunch, 2 till fika"
            ),
        ),
        (
            [VEGAN_WITHOUT_NUTS],
            (
                "Specialkost 31 maj, Säker och trygg kommun: 1 med allvarlig allergi, "
                "1 portion till lunch, 1 till fika"
            ),
        ),
    ],
)
def test_the_subject_has_the_numbers_of_portions_and_severe_allergies(
    answers: list[Answers], subject: str, event: Event
) -> None:
    assert letter(event, *answers).subject == subject


def test_no_name_address_organisation_or_note_is_in_the_summary(event: Event) -> None:
    marked = replace(
        VEGAN_WITHOUT_NUTS, name="MARKNAME", organisation="MARKORG", email="mark@mark.example"
    )
    marked = replace(marked, note="MARKNOTE")
    mail = letter(event, marked)
    assert "mark" not in (mail.subject + mail.text + mail.html).lower()


def test_a_copy_is_marked_as_a_copy(event: Event) -> None:
    mail = letter(event, VEGAN_WITHOUT_NUTS, is_copy=True)
    assert mail.subject.startswith("Kopia: Specialkost 31 maj")
    assert "KOPIA" in mail.text
    assert "Kopia." in mail.html


def test_texts_of_the_event_file_are_escaped_in_html_but_not_in_plain_text(event: Event) -> None:
    odd = replace(event, title="Trygg & <b>säker</b>")
    mail = letter(odd, VEGAN_WITHOUT_NUTS)
    assert "Trygg &amp; &lt;b&gt;säker&lt;/b&gt;" in mail.html
    assert "Trygg & <b>säker</b>" in mail.text


@pytest.fixture
def summary_mail(event: Event) -> Letter:
    vegan = Answers("A", MEALS, diet="vegan")
    coeliac = Answers("B", ("lunch",), allergens=("coeliac",), traces=("coeliac",))
    return letter(event, vegan, VEGAN_WITHOUT_NUTS, vegan, coeliac, vegan)


def test_the_summary_is_exactly_the_stored_text(summary_mail: Letter) -> None:
    assert wrapped(summary_mail.text) == (Path(__file__).parent / "summary.txt").read_text("utf-8")


def test_the_html_has_the_same_tables_numbers_and_checksums(summary_mail: Letter) -> None:
    html = as_typed(summary_mail.html)
    severe = "ALLVARLIG ALLERGI Vegansk + utan nötter (inte ens spår) + se anteckning CDF1"
    rows = [
        re.sub(r"<[^>]+>", " ", row).split(maxsplit=1)
        for row in re.findall(r"<tr[^>]*>(.*?)</tr>", html, re.DOTALL)
    ]
    assert [(number, " ".join(rest.split())) for number, rest in rows if number.isdecimal()] == [
        ("1", severe),
        ("3", "Vegansk CDF0, CDF2, CDF4"),
        ("1", "Glutenfri (celiaki, inte ens spår) CDF3"),
        ("5", "Summa specialkost till lunch"),
        ("1", severe),
        ("3", "Vegansk CDF0, CDF2, CDF4"),
        ("4", "Summa specialkost till fika"),
    ]  # fmt: skip
    assert re.findall(r"<h2>(Lunch|Fika)([^<]+)</h2>", html) == [
        ("Lunch", " kl. 11.45: 5 portioner"),
        ("Fika", " kl. 14.40: 4 portioner"),
    ]
    assert "vegetariskt, laktovegetariskt" in html
    for sentence in ("Antal anmälningar: ", "Avstämning: ", "5 anmälda: "):
        (line,) = (one for one in summary_mail.text.splitlines() if one.startswith(sentence))
        assert line in " ".join(re.sub(r"<[^>]+>", " ", unescape(html)).split())


def words_of(content: str) -> str:
    """A part of a mail without markup, each run of white space as one space."""
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(content)).split())


VEGANS = [Order(f"V{n}", MEALS, Plate("vegan")) for n in range(4)]
NUTS = ("nuts",)


def test_purchases_stand_below_the_sum_of_their_meal_and_change_no_sum(event: Event) -> None:
    orders = [
        *VEGANS,
        Order("CDF1", MEALS, Plate("vegan", NUTS, NUTS)),
        Order("CDF2", ("lunch",), Plate("", NUTS)),
        Order("CDF3", ("lunch",), Plate("", ("coeliac",), noted=True)),
    ]
    purchases = (
        "Till inköp (samma portioner, räkna inte igen): vegansk 5, glutenfri (celiaki) 1, "
        "utan nötter 2 (varav 1 inte ens spår), se anteckning 1."
    )
    for mail in letters_of(event, summary_at(2, event, *orders), summary_at(1, event)):
        lunch = {
            mail.text: f"Summa: 7 portioner specialkost {purchases} FIKA",
            mail.html: f"7 Summa specialkost till lunch {purchases} Fika",
        }
        for content, words in lunch.items():
            assert words in words_of(content)
            assert words_of(content).count("Summa") == 2
            assert "Avstämning: 7 till lunch + 5 till fika = 12 portioner." in words_of(content)


def test_a_meal_has_no_purchases_if_its_rows_say_the_same(event: Event) -> None:
    mail = mails.summary_letter(summary_at(1, event, *VEGANS, COELIAC), event)
    assert "inköp" not in mail.text + mail.html


def test_no_line_breaks_between_a_purchase_and_its_number(event: Event) -> None:
    mail = mails.summary_letter(summary_at(1, event, *crowd(150)), event)
    for content in (mail.text, mail.html):
        purchases = re.findall(r"Till inköp[^.]+", content)
        assert len(purchases) == len(MEALS)
        assert [re.search(r"\s\d", each.replace("\u00a0", "_")) for each in purchases] == [None] * 2


OTHERS = "Listan gäller bara specialkost: övriga deltagare äter vanlig mat och står inte här."


@pytest.mark.parametrize(
    ("expected", "people", "words"),
    [
        (None, 4, ""),
        (120, 4, ", varav ungefär 116 inte har anmält specialkost"),
        (5, 4, ", varav ungefär 1 inte har anmält specialkost"),
        (4, 4, ""),
        (3, 4, ""),
        (120, 0, ""),
    ],
)
def test_mails_say_that_there_are_other_participants_and_how_many_if_the_event_file_does(
    event: Event, expected: int | None, people: int, words: str
) -> None:
    expecting = replace(event, expected=expected)
    new, old = summary_at(2, event, *VEGANS[:people]), summary_at(1, event)
    number = f" Arrangören räknar med sammanlagt {expected} deltagare{words}." if expected else ""
    for mail in letters_of(expecting, new, old):
        assert f"{OTHERS}{number} LUNCH kl. 11.45" in words_of(mail.text)
        assert f"{OTHERS}{number} Måltid" in words_of(mail.html)


def test_a_mail_without_codes_does_not_explain_codes(event: Event) -> None:
    vegans = [Answers("A", ("lunch",), diet="vegan")] * (CODES_AT_MOST + 1)
    mail = letter(event, *vegans)
    for content in (mail.text, mail.html):
        assert "Kod:" not in content
        assert "Koden ska stå" not in content
        assert "Portionernas koder är för många för mejlet" in content
    for file in mail.attachments:
        assert "CDF0, CDF1, CDF10," in file.content.decode()


def test_a_meal_that_was_removed_from_the_event_file_is_marked(event: Event) -> None:
    text = letter(event, Answers("A", ("middag",), diet="vegan")).text
    assert "MIDDAG (finns inte längre i programmet)" in text
    assert "Summa: 1 portion specialkost" in text


def summary_at(version: int, event: Event, *orders: Order) -> CateringSummary:
    return summarise(tally([o.encode() for o in orders], taken_at=NOW), event, version=version)


def letters_of(
    event: Event, new: CateringSummary, old: CateringSummary, *unreached: Contact
) -> list[Letter]:
    """The three kinds of mail to the contact persons about a summary."""
    return [
        mails.summary_letter(new, event, unreached=unreached),
        mails.change_letter(new, old, event, unreached=unreached),
        mails.reminder_letter(new, event, event.closes_at, unreached=unreached),
    ]


GOING_ON = TRANSIENT | OF_EVERY_MAIL | {Fault.BAD_REQUEST}
COELIAC = Order("CDFH", ("lunch",), Plate(allergens=("coeliac",)))
SEVERE = "ALLVARLIG ALLERGI, 1 fler ”vegansk + utan nötter (inte ens spår)”"
OTHER = replace(COELIAC, code="WXYV")
LETHAL = Order("WXYV", MEALS, Plate("vegan", ("nuts",), ("nuts",), severe=True))


def test_a_change_notice_begins_with_the_difference_in_words(event: Event) -> None:
    before = [replace(COELIAC, code=f"CD{n}") for n in range(13)]
    mail = mails.change_letter(
        summary_at(2, event, *before, COELIAC), summary_at(1, event, *before), event
    )
    line = "Lunch: 1 fler ”glutenfri (celiaki)”. Nu 14 (ny kod: CDFH)"
    for content in (mail.text, unescape(mail.html)):
        assert line in content
        assert content.index(line) < content.index("Antal anmälningar: 14")
        assert "sedan version 1" in content
        assert "De ersätter version 1." in content
    assert mail.subject == (
        "Ändrad specialkost 31 maj, Säker och trygg kommun: 14 portioner till lunch"
    )


@pytest.mark.parametrize(
    ("after", "line"),
    [
        (LETHAL, "Lunch: 1 färre ”glutenfri (celiaki)”. Nu 0 (utgår: CDFH)"),
        (LETHAL, f"Fika: {SEVERE}. Nu 1 (ny kod: WXYV)"),
        (OTHER, "Lunch: fortfarande 1 ”glutenfri (celiaki)”. Ny kod WXYV ersätter CDFH"),
    ],
)
def test_each_change_lists_the_new_and_the_removed_codes(
    event: Event, after: Order, line: str
) -> None:
    old, new = summary_at(1, event, COELIAC), summary_at(2, event, after)
    assert line in mails.change_letter(new, old, event).text


def test_several_codes_that_replace_others_are_new_codes(event: Event) -> None:
    before, after = ([replace(COELIAC, code=f"{one}{n}") for n in range(2)] for one in "CD")
    line = "Lunch: fortfarande 2 ”glutenfri (celiaki)”. Nya koder D0, D1 ersätter C0, C1"
    old, new = summary_at(1, event, *before), summary_at(2, event, *after)
    assert line in mails.change_letter(new, old, event).text


def test_changes_that_do_not_fit_into_the_mail_are_counted(event: Event) -> None:
    new, old = summary_at(2, event, *crowd(200)), summary_at(1, event)
    mail = mails.change_letter(new, old, event)
    listed = mail.text.count(" 1 fler ”")
    assert 0 < listed < 400
    for content in (mail.text, mail.html):
        assert f"{400 - listed} ändringar till, som står i bilagorna." in content
    assert mail.attachments[1].content.decode().count(" 1 fler ”") == 400
    back = mails.change_letter(old, new, event)
    assert back.attachments == ()
    for content in (back.text, back.html):
        assert re.search(r"\d+ ändringar till, som syns i siffrorna nedan\.", content)


def test_a_change_that_leaves_all_numbers_equal_is_reported(event: Event) -> None:
    many = [replace(COELIAC, code=f"C{n}") for n in range(CODES_AT_MOST + 1)]
    others = [replace(one, code=f"D{one.code}") for one in many]
    new, old = summary_at(2, event, *others), summary_at(1, event, *many)
    mail = mails.change_letter(new, old, event)
    for content in (mail.text, mail.html):
        assert "Antalen är desamma, men de gäller inte längre samma personer." in content


@pytest.mark.parametrize("length", [1, 60, 61, 300])
def test_a_subject_has_at_most_120_characters_and_cuts_the_title_first(
    event: Event, length: int
) -> None:
    long = replace(event, title=Bilingual("T" * length))
    subject = mails.summary_letter(summary_at(1, event, LETHAL), long).subject
    assert len(subject) <= 120
    numbers = "1 med allvarlig allergi, 1 portion till lunch, 1 till fika"
    assert subject.startswith("Specialkost 31 maj, T")
    assert subject.endswith(f": {numbers}")


def test_a_subject_without_room_for_each_meal_has_the_title_and_the_sum_of_all() -> None:
    lunches = [
        {"id": f"l{day}", "title": "Lunch", "starts": "12.00", "date": f"2027-06-0{day}"}
        for day in range(1, 5)
    ]
    event = event_with_meals({"id": "lunch", "title": "Lunch", "starts": "12.00"}, *lunches)
    order = replace(LETHAL, meals=tuple(meal.id for meal in event.meals))
    assert mails.summary_letter(summary_at(1, event, order), event).subject == (
        "Specialkost 31 maj–4 juni, Säker och trygg kommun: 1 med allvarlig allergi, "
        "5 portioner till 5 måltider"
    )
    only_first = replace(LETHAL, meals=("lunch",))
    assert mails.summary_letter(summary_at(1, event, only_first), event).subject == (
        "Specialkost 31 maj–4 juni, Säker och trygg kommun: 1 med allvarlig allergi, "
        "1 portion till lunch måndag 31 maj"
    )


def test_people_with_a_note_are_counted_before_the_list_with_their_codes(event: Event) -> None:
    noted = replace(LETHAL, code="KMNP", plate=replace(LETHAL.plate, noted=True))
    only_note = Order("CDFH", ("lunch",), Plate(noted=True))
    mail = mails.summary_letter(summary_at(1, event, noted, only_note, OTHER), event)
    for content, first in ((mail.text, "LUNCH"), (mail.html, "<table")):
        words = " ".join(re.sub(r"<[^>]+>", " ", unescape(content.partition(first)[0])).split())
        assert "2 personer har en anteckning som köket måste få veta".casefold() in words.casefold()
        assert "varav 1 med allvarlig allergi: CDFH, KMNP" in words
    for content in (mail.text, mail.html):
        assert "(utöver anteckningarna)" in content
    plain = mails.summary_letter(summary_at(1, event, OTHER), event)
    assert "anteckning som köket" not in plain.html
    assert "(utöver anteckningarna)" not in plain.text + plain.html


def test_a_shortened_mail_says_in_the_subject_and_first_that_the_list_is_attached(
    event: Event,
) -> None:
    new, old = summary_at(2, event, *crowd(1500)), summary_at(1, event)
    summary, change, _ = letters_of(event, new, old)
    reminder = mails.reminder_letter(replace(new, version=0), event, event.closes_at)
    for mail, which in ((summary, "version-2"), (change, "version-2"), (reminder, "preliminar")):
        assert "31 maj (se bilagorna)" in mail.subject
        names = [file.name for file in mail.attachments]
        assert names == [f"kokets-lista-2027-05-31-{which}.{kind}" for kind in ("csv", "txt")]
        for content in (words_of(mail.text), words_of(mail.html)):
            first = content.partition("Frågor och anteckningar")[0]
            assert "listan här är förkortad" in first.casefold()
            assert all(f"{name} " in first for name in names)
            assert ("Skicka med dem till köket" in first) is (mail is not reminder)
            assert "som det är" not in content
            assert "siffrorna nedan" not in content
            assert (" ändringar till, som står i bilagorna" in content) is (mail is change)
    whole = mails.summary_letter(summary_at(1, event, OTHER), event)
    assert whole.attachments == ()
    for content in (whole.text, whole.html):
        assert "kan skickas vidare till köket som det är" in " ".join(content.split())


def test_a_change_of_a_severe_allergy_is_listed_however_many_others_come_before_it(
    event: Event,
) -> None:
    """Clearing a flood of junk makes any number of changes, and those of lunch come first."""
    junk = [replace(order, meals=("lunch",)) for order in crowd(1500) if not order.plate.severe]
    ill = replace(LETHAL, code="KMNP", meals=("fika",))
    mail = mails.change_letter(summary_at(2, event, ill), summary_at(1, event, *junk), event)
    for content in (mail.text, mail.html):
        assert " ändringar till, som " in words_of(content)
        assert "Fika: ALLVARLIG ALLERGI, 1 fler" in words_of(content)


def test_the_attachments_of_a_shortened_mail_have_every_plate_and_code(event: Event) -> None:
    orders = crowd(CODES_AT_MOST + 30)
    table, text = mails.summary_letter(summary_at(1, event, *orders), event).attachments
    assert table.content.startswith(b"\xef\xbb\xbf"), "or Excel would not read it as UTF-8"
    first, *rows = csv.reader(io.StringIO(table.content.decode("utf-8-sig")), delimiter=";")
    assert first == ["Måltid", "Tid", "Antal", "Allvarlig allergi", "Portion", "Koder"]
    assert sum(int(row[2]) for row in rows) == 2 * len(orders)
    codes = [(row[0], row[3], code) for row in rows for code in row[5].split(", ")]
    assert sorted(codes) == sorted(
        (meal, "ja" if order.plate.severe else "", order.code)
        for order in orders
        for meal in ("Lunch", "Fika")
    )
    words = text.content.decode("utf-8-sig")
    assert "förkortad" not in words.casefold()
    assert all(words.count(order.code) == len(MEALS) for order in orders)


def test_people_are_counted_by_their_meals_once_the_ways_to_choose_are_too_many_to_read() -> None:
    times = ("9.00", "10.00", "11.00", "12.00")
    event = event_with_meals(*({"id": f"m{t[:-3]}", "title": t, "starts": t} for t in times))
    ids = [meal.id for meal in event.meals]
    ways = [*combinations(ids, 1), *combinations(ids, 2)][: ATTENDANCE_AT_MOST + 1]
    orders = [replace(LETHAL, code=f"C{n}", meals=meals) for n, meals in enumerate(ways)]
    few = mails.summary_letter(summary_at(1, event, *orders[:-1]), event)
    many = mails.summary_letter(summary_at(1, event, *orders), event)
    for content in (few.text, few.html):
        assert "7 anmälda: 1 äter 9.00 och 10.00, 1 äter 9.00 och 11.00, " in content
    for content in (many.text, many.html):
        assert "8 anmälda: 4 äter vid 2 måltider, 4 äter vid 1 måltid." in content
        assert "= 12 portioner." in content


def test_each_row_of_the_attached_table_says_which_meal_it_is_about() -> None:
    event = event_with_meals(
        {"id": "buns", "title": "Fika", "starts": "10.15"},
        {"id": "fruit", "title": "Frukt", "when": "under dagen"},
        {"id": "cake", "title": "Fika", "starts": "14.00"},
    )
    order = replace(LETHAL, meals=("buns", "fruit", "cake", "supper"))
    table = csv.reader(io.StringIO(as_csv(summary_at(1, event, order), "sv")), delimiter=";")
    assert [row[:2] for row in table][1:] == [
        ["Fika kl. 10.15", "10.15"],
        ["Frukt", "under dagen"],
        ["Fika kl. 14.00", "14.00"],
        ["supper (finns inte längre i programmet)", ""],
    ]


def test_a_flood_of_plates_makes_no_mail_that_is_too_large_to_be_delivered(event: Event) -> None:
    mail = mails.summary_letter(summary_at(1, event, *crowd(6_000)), event)
    assert len(as_mime(SENDER, "asa@boras.example", mail)) < 9_000_000
    for file in mail.attachments:
        assert " slag till, som inte får plats" in file.content.decode()
    assert "Hela listan finns på kontaktpersonernas sidor" in words_of(
        mail.attachments[1].content.decode()
    )


def test_a_later_summary_says_which_version_it_replaces(event: Event) -> None:
    first = mails.summary_letter(summary_at(1, event, COELIAC), event)
    third = mails.summary_letter(summary_at(3, event, COELIAC), event)
    assert "ersätter" not in first.text + first.html
    assert "Det ersätter version 2" in third.text
    assert "Det ersätter version 2" in third.html


def test_a_reminder_has_the_deadline_and_says_that_the_numbers_are_not_final(
    event: Event,
) -> None:
    for orders, numbers in (((), "ingen har anmält specialkost"), ((COELIAC,), "1 portion till")):
        summary = summary_at(0, event, *orders)
        mail = mails.reminder_letter(summary, event, event.closes_at)
        start = "Preliminärt: specialkost till 31 maj, Säker och trygg kommun"
        assert mail.subject.startswith(f"{start}: {numbers}")
        for content in (mail.text, as_typed(mail.html)):
            assert "Anmälan är öppen till måndag 24 maj kl. 24.00." in content
            assert "inte slutgiltiga" in content.lower()
            assert "Version" not in content


def test_mails_name_the_contact_persons_whom_mail_does_not_reach(event: Event) -> None:
    asa = event.contacts[1]
    for mail in letters_of(event, summary_at(2, event, COELIAC), summary_at(1, event), asa):
        assert "inte fram till Åsa Skytt Jansson." in mail.text
        assert "inte fram till Åsa Skytt Jansson." in re.sub("</?bdi[^>]*>", "", mail.html)
        assert asa.email not in mail.text + mail.html


def test_replies_to_mails_for_contact_persons_are_sent_to_the_operator(event: Event) -> None:
    summary = summary_at(2, event, COELIAC)
    test = operator_mails.test_letter(event, event.closes_at)
    letters = [*letters_of(event, summary, summary), test]
    assert {mail.reply_to for mail in letters} == {event.operator}


def test_the_bars_are_proportional_to_the_numbers(event: Event) -> None:
    orders = [replace(COELIAC, code=f"C{n}", meals=MEALS) for n in range(3)]
    html = mails.summary_letter(summary_at(1, event, *orders, LETHAL, COELIAC), event).html
    widths = re.findall(r'<td bgcolor="(#\w+)" width="(\d+)"', html)
    assert widths == [
        ("#b3261e", "40"), ("#2a7f8e", "160"), ("#b3261e", "40"), ("#2a7f8e", "120"),
    ]  # fmt: skip


def crowd(people: int, seed: int = 1) -> list[Order]:
    """One order for each of `people`, with different plates, most with long names."""
    random = Random(seed)
    return [
        Order(f"C{n:05}", MEALS, Plate("", tuple(sorted(codes)), tuple(sorted(codes)), n % 9 == 0))
        for n in range(people)
        for codes in [random.sample(sorted(ALLERGENS), random.randint(3, 12))]
    ]


@pytest.mark.parametrize(
    "people",
    [
        CODES_AT_MOST,
        CODES_AT_MOST + 1,
        pytest.param(2_400, marks=pytest.mark.soak),
    ],
)
def test_a_mail_stays_under_100_kilobytes_with_any_number_of_plates(
    people: int, event: Event
) -> None:
    orders = crowd(people)
    new, old = summary_at(2, event, *orders), summary_at(1, event, *crowd(people, seed=2))
    for mail in letters_of(event, new, old):
        body = replace(mail, attachments=())
        assert len(as_mime(SENDER, "asa@boras.example", body)) < 100_000
        for content in (mail.text, mail.html):
            assert "slag till, som står i bilagorna" in content
            assert f"Avstämning: {people} till lunch + {people} till fika" in content
            assert ("Portionernas koder är för många" in content) is (people > CODES_AT_MOST)
        listed = re.findall(r"^(\d+) st  ALLVARLIG", mail.text, re.MULTILINE)
        left, same = (
            re.findall(r"varav ALLVARLIG ALLERGI: (\d+)", content)
            for content in (mail.text, mail.html)
        )
        assert left == same
        assert sum(map(int, listed + left)) == len(MEALS) * len(range(0, people, 9))


def test_a_mail_that_is_too_large_even_without_plates_lists_none_and_has_all_attached(
    event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With many meals, the ways to combine them alone may fill a mail."""
    monkeypatch.setattr(mails, "MAIL_BYTES_AT_MOST", 0)
    mail = mails.summary_letter(summary_at(1, event, *VEGANS, LETHAL), event)
    _, text = mail.attachments
    for content, listed in ((mail.text, 0), (text.content.decode(), 4)):
        assert len(re.findall(r"^\d+ st  (?!av)", content, re.MULTILINE)) == listed


def test_a_mail_lists_every_plate_of_an_event_of_usual_size(event: Event) -> None:
    mail = mails.summary_letter(summary_at(1, event, *crowd(40)), event)
    assert mail.attachments == ()
    assert len(re.findall(r"^\d+ st  ", mail.text, re.MULTILINE)) == 80
