"""Receivers of the numbers of all or some meals, from the summary to the deletion."""

import re
from dataclasses import replace
from datetime import datetime

import pytest

from chalicelib.catering.mails import summary_letter
from chalicelib.catering.summary import summarise
from chalicelib.catering.tally import tally
from chalicelib.desk.login import Door, ask_for_link
from chalicelib.event.event import Event, Receiver
from chalicelib.event.file import parse_event
from chalicelib.event.problems import InvalidEvent
from chalicelib.mail.faults import Fault
from chalicelib.mail.letter import Letter
from chalicelib.mail.mailer import MailNotAccepted
from chalicelib.registration import store as registrations
from chalicelib.registration.registering import Receipt
from tests.driving import DAY, MINUTE, Service, deliver_all, states
from tests.examples import EVENT, WHOLE_FILE
from tests.ses import ses_event

EVERYTHING, LUNCH, FIKA, BOTH = (
    f"{name}@kok.example" for name in ("allt", "lunch", "fika", "bada")
)
_ROWS = f"""
[[receivers]]
email = "{EVERYTHING}"
name = "Hemliga Hallen"
office = "Sekretariatet"
[[receivers]]
email = "{LUNCH}"
meals = ["lunch"]
[[receivers]]
email = "{FIKA}"
meals = ["fika"]
[[receivers]]
email = "{BOTH}"
meals = ["fika", "lunch"]
"""


def with_receivers(rows: str) -> Event:
    return parse_event(EVENT.id, WHOLE_FILE + rows)


@pytest.fixture
def event() -> Event:
    return with_receivers(_ROWS)


@pytest.fixture
def eaters(service: Service) -> dict[str, Receipt]:
    """Registered people, by the meals at which they eat."""
    found = {}
    for meals in (("lunch",), ("fika",), ("lunch", "fika")):
        receipt = service.register(name=" ".join(meals), nonce=" ".join(meals))
        service.change(receipt, meals=meals)
        found[" ".join(meals)] = receipt
    return found


def codes_in(letter: Letter) -> set[str]:
    listed = re.findall(r"Kod: (.*)", letter.text)
    return {code for line in listed for code in line.split(", ")}


def code_of(receipt: Receipt) -> str:
    return receipt.registration.plate_code


def text(service: Service, to: str) -> str:
    """The text of the only letter to this address."""
    (letter,) = service.letters(to)
    return letter.text


def test_each_receiver_gets_the_numbers_codes_and_notes_of_its_meals_only(
    service: Service, eaters: dict[str, Receipt]
) -> None:
    service.summarise()
    assert service.recipients == [*service.contacts, EVERYTHING, LUNCH, FIKA, BOTH]
    lunch, fika, both = map(code_of, eaters.values())
    for to, codes in (
        (EVERYTHING, {lunch, fika, both}), (LUNCH, {lunch, both}), (FIKA, {fika, both}),
        (BOTH, {lunch, fika, both}),
    ):  # fmt: skip
        (letter,) = service.letters(to)
        assert codes_in(letter) == codes
        for part in (letter.text, letter.html):
            assert f"Antal anmälningar: {len(codes)}" in " ".join(part.split())
            assert "Det ersätter" not in part
        notes = f"{len(codes)} PERSONER HAR EN ANTECKNING"
        assert notes in letter.text
        for other in {lunch, fika, both} - codes:
            assert other not in letter.html + letter.text
    (letter,) = service.letters(LUNCH)
    assert letter.subject.endswith("2 med allvarlig allergi, 2 portioner till lunch")
    assert "Det här mejlet gäller bara: lunch." in letter.text
    assert "fika" not in letter.text.casefold()
    assert "mejlet gäller bara" not in text(service, EVERYTHING)


def test_a_letter_to_a_receiver_leads_nowhere_and_is_answered_by_the_contact_persons(
    service: Service, eaters: dict[str, Receipt]
) -> None:
    service.summarise()
    for to in (EVERYTHING, LUNCH):
        (letter,) = service.letters(to)
        assert letter.reply_to == ", ".join(service.contacts)
        assert "/desk" not in letter.text + letter.html
    (letter,) = service.letters(service.contacts[0])
    assert letter.reply_to == service.event.operator
    assert "/desk" in letter.text


def test_nobody_is_told_who_the_receivers_are(service: Service, eaters: dict[str, Receipt]) -> None:
    done = service.summarise()
    deliver_all(service.table)
    service.hear(ses_event("Bounce", "summary-1-r2", to=LUNCH, bounceType="Permanent"), done)
    service.correct(eaters["fika"], done, diet="vegetarian")
    service.tick_for(15, done)
    for to, letter in service.mailer.letters:
        for hidden in {EVERYTHING, LUNCH, FIKA, BOTH, "Hemliga Hallen", "Sekretariatet"}:
            assert hidden not in letter.text + letter.html + letter.subject, to


def changed(service: Service, receipt: Receipt, at: datetime, **fields: object) -> list[str]:
    """Change a registration after the summary; return who was mailed a notice."""
    before = len(service.recipients)
    service.correct(receipt, at, **fields)
    service.tick_for(15, at)
    return service.recipients[before:]


def test_a_change_is_told_only_to_those_of_whose_meals_it_is(
    service: Service, eaters: dict[str, Receipt]
) -> None:
    done = service.summarise()
    first = changed(service, eaters["fika"], done, diet="vegetarian")
    assert first == [*service.contacts, EVERYTHING, FIKA, BOTH]
    # Version 3 concerns lunch: its receiver has version 1, and the numbers of version 2 are those.
    later = done + 20 * MINUTE
    second = changed(service, eaters["lunch"], later, note="Inte selleri.")
    assert second == [*service.contacts, EVERYTHING, LUNCH, BOTH]
    notice = service.letters(LUNCH)[-1]
    for part in (notice.text, notice.html):
        words = " ".join(part.split())
        assert "ändrats sedan version 1" in words or "Ändrat sedan version 1" in words
        assert "ersätter version 1" in words
        assert f"Anteckningen för kod {code_of(eaters['lunch'])}" in words
        assert "vegetarisk" not in words.casefold().partition("ingen har kryssat")[0]
    assert "ersätter version 2" in service.letters(BOTH)[-1].text
    # Who eats at both and skips lunch from now on: no change for the fika.
    last = changed(service, eaters["lunch fika"], done + 40 * MINUTE, meals=("fika",))
    assert last == [*service.contacts, EVERYTHING, LUNCH, BOTH]


def test_a_notice_that_waits_is_sent_though_a_later_version_concerns_other_meals(
    service: Service, eaters: dict[str, Receipt]
) -> None:
    done = service.summarise()
    service.mailer.refused = {to: MailNotAccepted(Fault.PAUSED) for to in (FIKA, BOTH)}
    changed(service, eaters["fika"], done, diet="vegetarian")
    changed(service, eaters["lunch"], done + 20 * MINUTE, diet="vegetarian")
    service.mailer.refused.clear()
    service.tick_for(240, done + 40 * MINUTE)
    assert len(service.letters(FIKA)) == 2
    assert "Version 2" in service.letters(FIKA)[-1].text
    versions = ["Version 3" in letter.text for letter in service.letters(BOTH)]
    assert versions == [False, True]  # version 2 is out of date, since version 3 concerns lunch
    assert states(service.table)["change-2-r4"] == "dropped"


def test_a_lost_mail_is_told_to_the_operator_and_with_the_next_numbers_to_the_contact_persons(
    service: Service, eaters: dict[str, Receipt]
) -> None:
    done = service.summarise()
    deliver_all(service.table)
    for number, to in ((1, EVERYTHING), (2, LUNCH)):
        bounce = ses_event("Bounce", f"summary-1-r{number}", to=to, bounceType="Permanent")
        service.hear(bounce, done)
    service.tick_for(2, done)
    assert ["till mottagare nummer" in " ".join(alarm.split()) for alarm in service.alarms()] == [
        True, True,
    ]  # fmt: skip
    assert "mottagare nummer 2" in " ".join(service.alarms()[1].split())
    changed(service, eaters["fika"], done + 5 * MINUTE, diet="vegetarian")
    (_, told) = service.letters(service.contacts[0])
    for part in (told.text, told.html):
        words = " ".join(part.split())
        assert "mottagare nummer 1 i evenemangets fil, som ska ha siffrorna till alla" in words
        assert "mottagare nummer 2 i evenemangets fil, som ska ha siffrorna till lunch." in words
    assert "når inte fram" not in service.letters(FIKA)[-1].text


def test_without_any_event_from_ses_the_follow_up_raises_an_alarm_about_a_receiver(
    service: Service, eaters: dict[str, Receipt]
) -> None:
    done = service.summarise()
    for number, to in enumerate(service.contacts, 1):
        service.hear(ses_event("Delivery", f"summary-1-{number}", to=to, at=done), done)
    service.tick_for(24 * 60, done)
    assert len(service.alarms()) == len(service.event.receivers)


def test_a_receiver_gets_neither_reminder_nor_certificate_nor_login_link(
    service: Service, eaters: dict[str, Receipt]
) -> None:
    service.tick_for(24 * 60 * 3, service.event.closes_at - 3 * DAY)
    assert set(service.recipients) == {*service.contacts, service.event.operator}
    sent = len(service.recipients)
    for address in (LUNCH, EVERYTHING.upper()):
        now = service.event.closes_at - 5 * MINUTE
        ask_for_link(Door(now, [service.at(now)]), address)
    service.run_due_steps(service.event.closes_at - MINUTE)
    assert service.recipients[sent:] == []
    service.summarise()
    before = len(service.recipients)
    service.tick_for(10, service.event.deletes_at)
    assert service.recipients[before:] == service.contacts


def test_an_address_that_has_left_the_file_gets_no_numbers(
    service: Service, eaters: dict[str, Receipt]
) -> None:
    service.mailer.refused = {to: MailNotAccepted(Fault.PAUSED) for to in (LUNCH, BOTH)}
    done = service.summarise()
    kept = [one for one in service.event.receivers if one.email != LUNCH]
    service.event = replace(service.event, receivers=tuple(kept))
    service.mailer.refused.clear()
    service.tick_for(240, done)
    assert service.letters(LUNCH) == []
    assert len(service.letters(BOTH)) == 1


def test_of_a_flood_a_receiver_of_a_small_meal_gets_no_codes_that_were_not_counted(
    service: Service, eaters: dict[str, Receipt]
) -> None:
    orders = list(registrations.encoded_orders(service.table))
    flood = tally(orders, taken_at=service.event.closes_at, codes_at_most=2)
    crowded = replace(flood, registrations=400_000)
    summary = summarise(crowded, service.event, version=1, only=("fika",))
    assert (summary.registrations, summary.has_codes) == (2, False)
    receiver = Receiver(FIKA, meals=("fika",))
    letter = summary_letter(summary, service.event, receiver=receiver)
    assert "Kod:" not in letter.text


_ONE = '[[receivers]]\nemail = "{}"\nmeals = {}\n'


@pytest.mark.parametrize(
    ("rows", "key", "problem"),
    [
        (_ONE.format(EVENT.contacts[1].email.upper(), '["lunch"]'), r"receivers\[1\].email",
         "is a contact person's address"),
        (_ONE.format(LUNCH, '["lunch"]') + _ONE.format(LUNCH.title(), '["fika"]'),
         r"receivers\[2\].email", "two receivers have the address"),
        (_ONE.format(LUNCH, '["lunch", "middag"]'), r"receivers\[1\].meals",
         'no meal has the id "middag"; the meals are "lunch", "fika"'),
        (_ONE.format("köket", "[]"), r"receivers\[1\].email", "is not a mail address"),
        (_ONE.format(LUNCH, '"lunch"'), r"receivers\[1\].meals", "write a list of texts"),
        (_ONE.format(LUNCH, "[]") + "phones = []\n", r"receivers\[1\].phones", "key is unknown"),
        ("".join(_ONE.format(f"k{n}@b.example", "[]") for n in range(49)), "contacts",
         "more than 50 contact persons and receivers"),
    ],
)  # fmt: skip
def test_wrong_receivers_are_refused(rows: str, key: str, problem: str) -> None:
    with pytest.raises(InvalidEvent, match=f"{key}: .*{re.escape(problem)}"):
        with_receivers(rows)
