"""Asking for the links of an address: who gets them, how many, and what nobody learns from it."""

import re
from collections.abc import Iterator

import pytest

import app as application
from chalicelib.event.mail_address import mailbox_hash
from chalicelib.mail import blocks
from chalicelib.mail.caps import RECEIPTS_PER_MAILBOX_A_DAY
from chalicelib.mail.faults import Fault
from chalicelib.mail.limits import ASKS_A_DAY, LINK_MAILS_A_DAY
from chalicelib.mail.mailer import MailInDoubt, MailNotAccepted
from chalicelib.registration import store as registrations
from chalicelib.registration.limits import LINKS_AT_MOST, LINKS_IN_A_MAIL
from chalicelib.registration.lost_links import ask_for_links
from management.local.clock import SetClock
from management.local.gateway import Answer, Gateway
from tests.driving import DAY, HOUR, MINUTE, SECOND, Service, tick
from tests.examples import FORM_HEADERS, NOW
from tests.fakes import BASE_URL, InMemoryComposition
from tests.whole.forms import read_form, switching
from tests.whole.pages import encoded, nonce_of, text_of
from tests.wire import refusing

ADDRESS = "asa@elsewhere.example"
LATER = NOW + HOUR
LINK = re.compile(rf"{BASE_URL}/dag/registration/(\S+)")


@pytest.fixture
def gateway(service: Service, clock: SetClock) -> Iterator[Gateway]:
    with InMemoryComposition(service.event, clock, service.table, service.mailer).installed():
        yield Gateway(application.app, clock)


def ask(service: Service, address: str = ADDRESS, after: float = 0, nonce: str = "") -> bool:
    now = LATER + after * MINUTE
    return ask_for_links(service.at(now), address, nonce or f"nonce {after}", "sv")


def asked(service: Service, address: str = ADDRESS, after: float = 0) -> list[str]:
    """The texts of the mails that the next tick sends to somebody who asks."""
    service.mailer.letters.clear()
    ask(service, address, after)
    service.run_due_steps(LATER + (after + 1) * MINUTE)
    return [letter.text for _, letter in service.mailer.letters]


def test_several_registrations_of_an_address_come_in_one_mail_with_their_plate_codes(
    service: Service,
) -> None:
    receipts = [service.register(name=f"P{n}", nonce=f"n{n}", email=ADDRESS) for n in range(3)]
    service.register(name="Other", email="other@elsewhere.example")
    service.run_due_steps(NOW)
    (text,) = asked(service, ADDRESS.upper())
    codes = re.findall(r"Portionskod: (\w+)\n.*\n" + LINK.pattern, text)
    assert sorted(code for code, _ in codes) == sorted(
        one.registration.plate_code for one in receipts
    )
    for code, token in codes:
        found = service.find(token, LATER)
        assert found
        assert found.plate_code == code
    (letter,) = service.letters(ADDRESS.upper())
    assert letter.subject == "Länkar till 3 anmälningar: Säker och trygg kommun, 31 maj"
    assert letter.sender_name == "Borås Stad"
    assert LINK.findall(letter.html)
    assert len(re.findall(r"border-radius", letter.html)) == 3


def test_the_mail_says_nothing_about_the_answers_and_names_the_only_code_in_its_subject(
    service: Service,
) -> None:
    receipt = service.register(name="MARKNAME", email=ADDRESS)
    service.run_due_steps(NOW)
    asked(service)
    (letter,) = service.letters(ADDRESS)
    code = receipt.registration.plate_code
    assert letter.subject == f"Länk till anmälan, kod {code}: Säker och trygg kommun, 31 maj"
    for secret in ("MARKNAME", "egan", "nötter", "kiwi", "allvarlig", "Kulturförvaltningen"):
        assert secret not in letter.subject + letter.text + letter.html
    assert "Svar på det här mejlet läses inte" in letter.text


def test_the_earlier_links_keep_working_however_often_a_stranger_asks(service: Service) -> None:
    receipt = service.register(email=ADDRESS)
    service.run_due_steps(NOW)
    first = LINK.findall(service.letters(ADDRESS)[0].text)[0]
    days = LINKS_AT_MOST // LINK_MAILS_A_DAY + 2
    for day in range(days):
        for number in range(LINK_MAILS_A_DAY):
            asked(service, after=day * 1440 + number)
    latest = LINK.findall(service.letters(ADDRESS)[-1].text)[0]
    late = LATER + HOUR
    assert all(service.find(token, late) for token in (receipt.token, first, latest))
    assert len(service.table.database.keys("LINK#")) == LINKS_AT_MOST


def test_attempts_that_ses_refused_leave_no_links(service: Service) -> None:
    service.register(email=ADDRESS)
    service.run_due_steps(NOW)
    service.mailer.errors += [MailNotAccepted(Fault.THROTTLED)] * 3
    ask(service)
    service.tick_for(20, LATER)
    assert len(service.letters(ADDRESS)) == 2
    assert len(service.table.database.keys("LINK#")) == 2


def test_a_mail_that_may_have_been_sent_is_not_sent_again(service: Service) -> None:
    service.register(email=ADDRESS)
    service.run_due_steps(NOW)
    service.mailer.errors.append(MailInDoubt("ReadTimeoutError"))
    ask(service)
    calls = service.mailer.calls
    service.tick_for(30, LATER)
    assert service.mailer.calls == calls + 1


def test_an_address_gets_three_mails_a_day_and_as_many_receipts_as_ever(service: Service) -> None:
    service.register(email=ADDRESS)
    service.run_due_steps(NOW)
    sent = [len(asked(service, after=number)) for number in range(LINK_MAILS_A_DAY + 2)]
    assert sent == [1] * LINK_MAILS_A_DAY + [0, 0]
    more = [
        service.register(LATER, name=f"P{n}", nonce=f"n{n}", email=ADDRESS).is_mailed
        for n in range(RECEIPTS_PER_MAILBOX_A_DAY)
    ]
    assert more == [True] * (RECEIPTS_PER_MAILBOX_A_DAY - 1) + [False]
    assert len(asked(service, after=1440)) == 1, "the next day"


@pytest.mark.parametrize("why", ["unknown", "blocked", "moved", "removed", "deleted"])
def test_nothing_is_sent_and_nothing_is_kept_of_an_address_that_gets_no_links(
    service: Service, why: str
) -> None:
    receipt = service.register(email="" if why == "unknown" else ADDRESS)
    service.run_due_steps(NOW)
    if why == "blocked":
        service.table.apply(blocks.block_write(mailbox_hash(ADDRESS)))
    elif why == "moved":
        service.change(receipt, email="new@elsewhere.example")
        service.run_due_steps(LATER)
    elif why == "removed":
        service.cancel(receipt.token)
    before = {*service.table.database.keys("")}
    after = (service.event.deletes_at - LATER) / MINUTE if why == "deleted" else 0
    assert [text for text in asked(service, after=after) if "bett om" in text] == []
    left = {*service.table.database.keys("")} - before
    kinds = ("DELIVERY#", "MAIL#attendee#link", "LINK#")
    assert [key for key in left if key.startswith(kinds)] == []


def test_a_registration_that_changes_while_the_mail_is_written_is_left_out(
    service: Service,
) -> None:
    receipt = service.register(email=ADDRESS)
    service.run_due_steps(NOW)
    service.table.database.on(
        "TransactWriteItems", "LINK#", lambda: service.change(receipt, now=LATER, email="")
    )
    assert asked(service) == []


def test_a_run_reads_the_addresses_once_for_all_that_ask_and_never_otherwise(
    service: Service,
) -> None:
    service.register(email=ADDRESS)
    service.run_due_steps(NOW)
    for number in range(20):
        ask(service, f"nobody{number}@elsewhere.example", nonce=f"nonce {number}")
    ask(service)
    reads: list[None] = []
    service.table.database.on("Query", "REG#", lambda: reads.append(None), times=99)
    service.mailer.letters.clear()
    service.run_due_steps(LATER + MINUTE, LATER + 2 * MINUTE)
    assert (len(reads), service.recipients) == (1, [ADDRESS])


def test_one_mail_has_the_newest_registrations_of_an_address(service: Service) -> None:
    for number in range(LINKS_IN_A_MAIL + 3):
        service.register(NOW + number * SECOND, name=f"P{number}", nonce="n", email=ADDRESS)
    keys = [entry.key for entry in registrations.entries(service.table)]
    newest = sorted(keys, key=lambda key: registrations.find(service.table, key).registered_at)[3:]  # type: ignore[union-attr]
    codes = {registrations.find(service.table, key).plate_code for key in newest}  # type: ignore[union-attr]
    (text,) = [text for text in asked(service) if "bett om" in text]
    assert {*re.findall(r"Portionskod: (\w+)", text)} == codes


# The pages


def post(gateway: Gateway, address: str, nonce: str = "", **fields: list[str]) -> Answer:
    nonce = nonce or nonce_of(gateway.request("GET", "/dag/link").text)
    form = encoded(email=[address], nonce=[nonce], **fields)
    return gateway.request("POST", "/dag/link", FORM_HEADERS, form)


def test_the_answer_and_the_calls_are_the_same_whether_an_address_is_known_or_not(
    gateway: Gateway, service: Service, clock: SetClock
) -> None:
    service.register(email=ADDRESS)
    tick(clock)
    service.table.apply(blocks.block_write(mailbox_hash("blocked@elsewhere.example")))
    seen = []
    for address in (ADDRESS, ADDRESS, "nobody@elsewhere.example", "blocked@elsewhere.example"):
        service.table.database.calls.clear()
        answer = post(gateway, address)
        sent = gateway.request("GET", answer.headers["location"])
        seen.append((answer.status, answer.headers, sent.text, [*service.table.database.calls]))
    assert seen[0][0] == 303
    assert seen[0][3] == ["TransactWriteItems"]
    assert seen == [seen[0]] * 4


def test_a_form_sent_twice_sends_one_mail(
    gateway: Gateway, service: Service, clock: SetClock
) -> None:
    service.register(email=ADDRESS)
    tick(clock)
    service.mailer.letters.clear()
    nonce = nonce_of(gateway.request("GET", "/dag/link").text)
    assert [post(gateway, ADDRESS, nonce).status for _ in range(3)] == [303] * 3
    tick(clock)
    assert service.recipients == [ADDRESS]


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "Skriv adressen som du anmälde dig med."),
        ("asa", "Skriv en hel e-postadress, till exempel namn@exempel.se. "),
        ("a" * 300, "Skriv högst 254 tecken"),
        ("asa@boars.example", "Menade du asa@boras.example?"),
    ],
)
def test_a_bad_address_is_an_error_at_the_field_and_stores_nothing(
    gateway: Gateway, service: Service, address: str, words: str
) -> None:
    before = service.table.database.keys("")
    answer = post(gateway, address)
    assert (answer.status, words in text_of(answer)) == (422, True)
    assert f'name="email" value="{address}"' in answer.text
    assert service.table.database.keys("") == before


def test_an_address_that_was_asked_about_is_taken_when_it_is_sent_again(
    gateway: Gateway, service: Service, clock: SetClock
) -> None:
    service.register(email="asa@boars.example")
    tick(clock)
    service.mailer.letters.clear()
    page = post(gateway, "asa@boars.example").text
    (kept,) = re.findall(r'name="email_asked" value="([^"]+)"', page)
    assert post(gateway, "asa@boars.example", nonce_of(page), email_asked=[kept]).status == 303
    tick(clock)
    assert service.recipients == ["asa@boars.example"]


def test_of_a_flood_of_asks_no_more_are_taken_than_one_day_has_and_all_are_told_so(
    gateway: Gateway, service: Service, clock: SetClock
) -> None:
    service.register(email=ADDRESS)
    taken = [ask(service, f"x{n}@y.example", nonce=f"{n}") for n in range(ASKS_A_DAY + 5)]
    assert taken == [True] * ASKS_A_DAY + [False] * 5
    clock.now = LATER
    answers = [post(gateway, address) for address in (ADDRESS, "nobody@elsewhere.example")]
    assert [answer.status for answer in answers] == [429] * 2
    assert {answer.headers["cache-control"] for answer in answers} == {"private, no-cache"}
    assert all("I dag kan inga fler be om sin länk här" in text_of(one) for one in answers)
    clock.move(DAY)
    assert post(gateway, ADDRESS).status == 303


def test_the_form_and_the_closed_page_lead_there_until_the_deletion(
    gateway: Gateway, service: Service, clock: SetClock
) -> None:
    words = "Redan anmäld? Få länken mejlad"
    assert words in text_of(gateway.request("GET", "/dag/registration"))
    clock.now = service.event.closes_at
    assert words in text_of(gateway.request("GET", "/dag/registration"))
    assert gateway.request("GET", "/dag/link").status == 200
    clock.now = service.event.deletes_at
    assert words not in text_of(gateway.request("GET", "/dag/registration"))
    for answer in (gateway.request("GET", "/dag/link"), post(gateway, ADDRESS, "n" * 20)):
        assert answer.status == 410
        assert "Anmälningarna visas inte längre." in text_of(answer)
    assert service.table.database.keys("DELIVERY#") == []


def test_the_other_language_keeps_the_address_and_mails_nothing(
    gateway: Gateway, service: Service
) -> None:
    asked = post(gateway, "asa@gmial.com")
    assert "Menade du asa@gmail.com?" in text_of(asked)
    form = switching(asked.text)
    english = gateway.request("POST", form.action, FORM_HEADERS, encoded(**form.fields))
    assert (english.status, form.action) == (200, "/dag/link?lang=en")
    assert english.headers["cache-control"] == "private, no-cache"
    assert read_form(english.text).fields["email"] == ["asa@gmial.com"]
    assert "email_asked" not in read_form(english.text).fields
    assert "errors" not in re.findall(r'class="(\w+)"', english.text)
    assert service.table.database.keys("DELIVERY#") == []


def test_the_page_of_an_unknown_link_leads_there(gateway: Gateway) -> None:
    page = gateway.request("GET", f"/dag/registration/{'x' * 43}")
    assert (page.status, 'href="/dag/link"' in page.text) == (404, True)


def test_a_table_that_cannot_be_reached_is_told_and_the_address_stays(
    gateway: Gateway, service: Service
) -> None:
    service.table.database.on("TransactWriteItems", "DELIVERY#", refusing("ThrottlingException"))
    answer = post(gateway, ADDRESS)
    assert answer.status == 503
    assert answer.headers["cache-control"] == "private, no-cache", "Back shows the address again"
    assert f'value="{ADDRESS}"' in answer.text
    assert "Inget mejl är beställt" in text_of(answer)
