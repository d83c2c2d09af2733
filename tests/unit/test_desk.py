"""The contact persons' desk: who gets in, and what they do there."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.control import QUIET, State
from chalicelib.desk import (
    LINK_WAITS,
    LINKS_AN_HOUR,
    Access,
    Deed,
    PassKind,
    link_pass,
    session_pass,
)
from chalicelib.event import Contact, Event
from chalicelib.language import SWEDISH
from chalicelib.mail_faults import Fault
from chalicelib.outbox import Letter, MailNotTaken
from chalicelib.registration import StaleRevision, hashed, plate_code, token_for
from chalicelib.rendering import _environment
from chalicelib.services import entering, registering
from chalicelib.services.closing import DeadlineMoved, DeadlineRefused
from chalicelib.services.context import Context
from chalicelib.services.officers import NothingToSend, Officer
from chalicelib.stores import audit_log, controls, outbox, passes, registrations
from chalicelib.summary import summarise, tally
from chalicelib.table import StoreUnavailable, Table
from tests.driving import (
    MINUTE,
    SECOND,
    VISITOR,
    keys_in,
    minutes_from,
    new_token,
    register,
    tend_at,
)
from tests.examples import NOW, VEGAN_WITHOUT_NUTS, registered
from tests.fakes import RecordingMailer, TableInMemory
from tests.wire import refusing

TICK = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
STRANGER = "stranger@elsewhere.example"
HALAL = replace(VEGAN_WITHOUT_NUTS, diet="halal", email="")
BO = replace(VEGAN_WITHOUT_NUTS, name="Bo Ek", email="")


class Tokens:
    """A new token each time, and which they were."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def __call__(self) -> str:
        self.given.append(f"private-token-{len(self.given)}")
        return self.given[-1]


def ask(
    address: str, event: Event, table: Table, now: datetime = NOW, new_token: Any = None
) -> None:
    entering.ask_for_link(
        Context(now, event, table), address, site=VISITOR.site, new_token=new_token or Tokens()
    )


def enter(
    link: str, event: Event, table: Table, now: datetime = NOW, new_token: Any = None
) -> str | None:
    return entering.enter(Context(now, event, table), link, new_token=new_token or Tokens())


def whose_session(session: str, event: Event, table: Table, now: datetime = NOW) -> Contact | None:
    return entering.contact_with(Context(now, event, table), session, PassKind.SESSION)


def opens(session: str, event: Event, table: Table, now: datetime = NOW) -> bool:
    return whose_session(session, event, table, now) is not None


def is_good(link: str, event: Event, table: Table, now: datetime = NOW) -> bool:
    return entering.contact_with(Context(now, event, table), link, PassKind.LINK) is not None


def leave(session: str, event: Event, table: Table, now: datetime = NOW) -> None:
    entering.leave(Context(now, event, table), session, Tokens())


def mailed_links(mailer: RecordingMailer) -> list[str]:
    texts = [letter.text for _, letter in mailer.letters]
    return [link for text in texts for link in re.findall(r"/desk/enter/(\S+)", text)]


def without(contact: Contact, event: Event) -> Event:
    return replace(event, contacts=tuple(one for one in event.contacts if one != contact))


def deeds(table: Table) -> list[Deed]:
    return [line.deed for line in reversed(audit_log.latest(table, "", 1000))]


@pytest.fixture
def contact(event: Event) -> Contact:
    return event.contacts[0]


@pytest.fixture
def link(contact: Contact, table: Table) -> str:
    """A link's token that is good from NOW."""
    table.apply(passes.saved(hashed("a-link"), link_pass(contact.email, NOW)))
    return "a-link"


@pytest.fixture
def session(link: str, event: Event, table: Table) -> str:
    """A session's token that is good from NOW."""
    found = enter(link, event, table)
    assert found
    return found


# Passes


def test_lines_of_the_log_sort_as_they_were_written_in_any_zone(event: Event) -> None:
    moments = [NOW + n * timedelta(microseconds=10**n) for n in range(12)]
    lines = [
        Access(at.astimezone(event.timezone), "a@b.example", Deed.LEFT, "", "id") for at in moments
    ]
    assert sorted(line.key for line in lines) == [line.key for line in lines]


def test_everything_that_can_be_done_has_words() -> None:
    say = _environment(SWEDISH).filters["deed"]
    assert len({say(deed) for deed in Deed}) == len(Deed)


# The door


@pytest.mark.parametrize("written", [str.upper, str.title, lambda text: f" {text} "])
def test_an_address_is_known_however_it_is_written_and_the_link_goes_to_the_one_of_the_file(
    event: Event,
    table: Table,
    mailer: RecordingMailer,
    contact: Contact,
    written: Callable[[str], str],
) -> None:
    ask(written(contact.email), event, table)
    tend_at([NOW], event, table, mailer)
    assert [to for to, _ in mailer.letters] == [contact.email]


@pytest.mark.parametrize("change", ["+tag@", ".@", "x@"])
def test_an_address_that_only_resembles_a_contact_persons_gets_nothing(
    event: Event, table: Table, mailer: RecordingMailer, contact: Contact, change: str
) -> None:
    ask(contact.email.replace("@", change), event, table)
    tend_at([NOW], event, table, mailer)
    assert mailer.letters == []


def test_an_address_gets_five_links_an_hour_and_more_the_next(
    event: Event, table: Table, mailer: RecordingMailer, contact: Contact
) -> None:
    tokens = Tokens()
    for n in range(8):
        ask(contact.email, event, table, NOW + n * SECOND, tokens)
    ask(event.contacts[1].email, event, table, NOW, tokens)
    tend_at([NOW + MINUTE], event, table, mailer)
    assert [to for to, _ in mailer.letters].count(contact.email) == LINKS_AN_HOUR == 5
    assert [to for to, _ in mailer.letters].count(event.contacts[1].email) == 1
    ask(contact.email, event, table, NOW + HOUR, tokens)
    tend_at([NOW + HOUR], event, table, mailer)
    assert [to for to, _ in mailer.letters].count(contact.email) == 6


def test_the_mail_names_nobody_and_says_how_long_the_link_lasts(
    event: Event, table: Table, mailer: RecordingMailer, contact: Contact
) -> None:
    register(event, table, name="MARKNAME")
    ask(contact.email, event, table)
    tend_at([NOW], event, table, mailer)
    letter = mailer.letters[0][1]
    whole = letter.subject + letter.text + letter.html
    assert "30 minuter" in letter.text
    assert "https://dukat.example/api/desk/enter/" in letter.text
    for secret in ("MARKNAME", "egan", "kiwi", contact.name, contact.email):
        assert secret not in whole


def test_a_links_time_counts_from_when_it_is_sent(
    event: Event, table: Table, contact: Contact
) -> None:
    ask(contact.email, event, table)
    mailer = RecordingMailer()
    tend_at([NOW + 20 * MINUTE], event, table, mailer)
    (link,) = mailed_links(mailer)
    assert is_good(link, event, table, NOW + 50 * MINUTE - TICK)
    assert not is_good(link, event, table, NOW + 50 * MINUTE)


def test_a_link_is_no_session_and_a_session_no_link(
    event: Event, table: Table, link: str, session: str
) -> None:
    assert not opens(link, event, table)
    assert not is_good(session, event, table)
    assert enter(session, event, table) is None


@pytest.mark.parametrize("token", ["", "unknown", "nobody", hashed("a-link")])
def test_what_was_never_given_opens_nothing(
    event: Event, table: Table, link: str, token: str
) -> None:
    assert not is_good(token, event, table)
    assert not opens(token, event, table)
    assert enter(token, event, table) is None
    assert deeds(table) == []


def test_the_others_session_goes_on_when_one_leaves_the_event_file(
    event: Event, table: Table, contact: Contact
) -> None:
    table.apply(passes.saved(hashed("theirs"), session_pass(event.contacts[1].email, NOW)))
    assert opens("theirs", without(contact, event), table)


def test_leaving_ends_this_session_and_no_other(
    event: Event, table: Table, link: str, session: str
) -> None:
    other = enter(link, event, table, NOW, lambda: "another-session")
    assert other
    leave(session, event, table)
    assert not opens(session, event, table)
    assert opens(other, event, table)
    assert passes.find(table, hashed(session)) is None


def test_coming_in_again_ends_the_session_that_the_browser_had_and_no_other(
    link: str, session: str, event: Event, table: Table
) -> None:
    def again(link: str, new: str) -> str | None:
        return entering.enter(
            Context(NOW, event, table), link, new_token=lambda: new, before=session
        )

    other = enter(link, event, table, new_token=lambda: "elsewhere")
    assert again("no-link", "none") is None
    assert opens(session, event, table)
    assert again(link, "newer") == "newer"
    assert not opens(session, event, table)
    assert other
    assert opens(other, event, table)
    assert opens("newer", event, table)


def test_coming_in_and_leaving_are_in_the_log_and_leaving_again_is_not(
    event: Event, table: Table, contact: Contact, session: str
) -> None:
    for minutes in (1, 2):
        leave(session, event, table, NOW + minutes * MINUTE)
    assert deeds(table) == [Deed.CAME_IN, Deed.LEFT]
    assert {(line.contact, line.about) for line in audit_log.latest(table, "", 9)} == {
        (contact.email, "")
    }


def test_nobody_comes_in_unless_the_log_says_so(
    event: Event, table: TableInMemory, link: str
) -> None:
    before = table.database.all_items()
    table.database.calls.clear()
    table.database.on("TransactWriteItems", "ACCESS#", refusing("ThrottlingException"))
    with pytest.raises(StoreUnavailable):
        enter(link, event, table)
    assert table.database.all_items() == before
    assert enter(link, event, table)
    assert table.database.writes() == ["TransactWriteItems"] * 2
    assert deeds(table) == [Deed.CAME_IN]


def test_a_link_that_waited_an_hour_is_dropped(
    event: Event, table: Table, mailer: RecordingMailer, contact: Contact
) -> None:
    for address in (contact.email, event.contacts[1].email):
        ask(address, event, table, NOW, lambda: address)  # noqa: B023 - called at once
    second = RecordingMailer(MailNotTaken(Fault.THROTTLED))
    tend_at([NOW + LINK_WAITS - TICK], event, table, second)
    assert len(second.letters) == 1
    tend_at([NOW + LINK_WAITS + MINUTE], event, table, mailer)
    assert mailer.letters == []
    assert outbox.due(table, NOW + timedelta(days=1)) == []


def test_a_link_is_dropped_at_the_very_hour(
    event: Event, table: Table, mailer: RecordingMailer, contact: Contact
) -> None:
    ask(contact.email, event, table)
    (step,) = tend_at([NOW + LINK_WAITS], event, table, mailer)
    assert "dropped" in step
    assert mailer.letters == []


def test_a_link_that_waits_for_somebody_who_left_the_event_file_is_dropped(
    event: Event, table: TableInMemory, mailer: RecordingMailer, contact: Contact
) -> None:
    ask(contact.email, event, table)
    (step,) = tend_at([NOW], without(contact, event), table, mailer)
    assert "dropped" in step
    assert mailer.letters == []
    assert table.database.keys("DESK#") == []


def test_the_mail_of_a_link_that_is_lost_raises_no_word_of_whom_it_was_for(
    event: Event, table: Table, contact: Contact
) -> None:
    ask(contact.email, event, table)
    mailer = RecordingMailer(MailNotTaken(Fault.BAD_REQUEST))
    tend_at(minutes_from(NOW, 2), event, table, mailer)
    alarms = [letter for to, letter in mailer.letters if to == event.operator]
    assert alarms
    assert not any(contact.email in letter.text + letter.subject for letter in alarms)


# At work


Work = Callable[[Officer, str], object]
WORKS: dict[str, tuple[Work, Deed]] = {
    "add": (lambda officer, _: officer.add(BO, "a-nonce"), Deed.ADDED),
    "correct": (lambda officer, key: officer.correct(key, HALAL, 1), Deed.CORRECTED),
    "remove": (lambda officer, key: officer.remove(key, 1, ""), Deed.REMOVED),
}


@dataclass
class AtWork:
    """A contact person at the desk, and the store she works on."""

    event: Event
    table: Table

    def __call__(self, now: datetime = NOW, number: int = 0) -> Officer:
        contact = self.event.contacts[number]
        return Officer(now, self.event, self.table, contact, VISITOR, new_token)


@pytest.fixture
def officer(event: Event, table: Table) -> AtWork:
    return AtWork(event, table)


@pytest.fixture
def summarised(event: Event, table: Table, mailer: RecordingMailer) -> datetime:
    """When one registration had been summed up and told."""
    register(event, table)
    tend_at(minutes_from(event.closes_at, 5), event, table, mailer)
    mailer.letters.clear()
    return event.closes_at + 5 * MINUTE


def test_two_who_look_at_the_same_instant_are_two_lines(officer: AtWork, table: Table) -> None:
    for _ in range(2):
        officer().saw(Deed.SAW_LIST)
    assert deeds(table) == [Deed.SAW_LIST] * 2


def test_a_caller_is_added_before_and_after_the_deadline_and_on_the_day(
    officer: AtWork, table: Table, event: Event
) -> None:
    moments = (NOW, event.closes_at, event.starts_at)
    for number, now in enumerate(moments):
        key, stored = officer(now).add(replace(BO, name=f"Bo {number}"), f"nonce-{number}")
        assert registrations.find(table, key) == stored
        assert (stored.registered_at, stored.revision) == (now, 1)
    assert [line.at for line in audit_log.latest(table, "", 9)] == list(reversed(moments))


def test_a_form_that_is_sent_twice_adds_once_and_is_one_line_of_the_log(
    officer: AtWork, table: Table
) -> None:
    first = officer(NOW).add(BO, "nonce")
    again = officer(NOW + SECOND).add(BO, "nonce")
    assert again == first
    assert deeds(table) == [Deed.ADDED]
    assert len(list(registrations.entries(table))) == 1


def test_the_log_tells_the_code_that_was_free(officer: AtWork, table: Table) -> None:
    token = token_for(BO, "nonce")
    registrations.add(table, "somebody", registered(VEGAN_WITHOUT_NUTS, plate_code(token, 0)))
    _, stored = officer().add(BO, "nonce")
    assert stored.plate_code == plate_code(token, 1)
    assert [line.about for line in audit_log.latest(table, "", 9)] == [stored.plate_code]


def test_who_is_added_with_an_address_gets_the_usual_receipt(
    officer: AtWork, table: Table, event: Event, mailer: RecordingMailer
) -> None:
    officer().add(replace(BO, email=STRANGER), "nonce")
    officer().add(BO, "nonce")
    tend_at([NOW], event, table, mailer)
    assert [to for to, _ in mailer.letters] == [STRANGER]


def test_a_correction_is_the_next_revision_and_in_the_log(officer: AtWork, table: Table) -> None:
    key, first = officer().add(BO, "nonce")
    corrected = officer(NOW + MINUTE, 1).correct(key, replace(BO, diet="halal"), 1)
    assert corrected == registrations.find(table, key)
    assert corrected == replace(
        first, answers=replace(BO, diet="halal"), revision=2, changed_at=NOW + MINUTE
    )
    line = audit_log.latest(table, "", 1)[0]
    assert (line.deed, line.about, line.at) == (Deed.CORRECTED, first.plate_code, NOW + MINUTE)
    assert line.contact == officer.event.contacts[1].email


def test_saving_what_is_stored_already_changes_nothing(officer: AtWork, table: Table) -> None:
    key, first = officer().add(BO, "nonce")
    assert officer().correct(key, BO, 1) == first
    assert deeds(table) == [Deed.ADDED]


def test_a_corrected_address_gets_a_receipt_and_an_unchanged_one_none(
    officer: AtWork, table: Table, event: Event, mailer: RecordingMailer
) -> None:
    key, _ = officer().add(BO, "nonce")
    officer().correct(key, replace(BO, email=STRANGER), 1)
    officer().correct(key, replace(BO, email=STRANGER, diet="halal"), 2)
    tend_at([NOW, NOW + MINUTE], event, table, mailer)
    assert [to for to, _ in mailer.letters] == [STRANGER]


@pytest.mark.parametrize("act", ["correct", "remove"])
def test_who_is_overtaken_at_the_last_moment_is_shown_what_is_stored(
    officer: AtWork, table: TableInMemory, act: str
) -> None:
    key, stored = officer().add(BO, "nonce")
    others = replace(stored, answers=replace(BO, diet="kosher"), revision=2)
    table.database.on(
        "TransactWriteItems", f"REG#{key}", lambda: registrations.change(table, key, others)
    )
    with pytest.raises(StaleRevision) as stale:
        WORKS[act][0](officer(), key)
    assert stale.value.stored == others == registrations.find(table, key)
    assert deeds(table) == [Deed.ADDED]


@pytest.mark.parametrize("name", WORKS)
def test_a_change_and_its_line_of_the_log_are_one_write_so_that_both_fail(
    officer: AtWork, table: TableInMemory, name: str
) -> None:
    registrations.add(table, "key", registered(VEGAN_WITHOUT_NUTS))
    before, (work, deed) = table.database.all_items(), WORKS[name]
    table.database.calls.clear()
    table.database.on("TransactWriteItems", "ACCESS#", refusing("ThrottlingException"))
    with pytest.raises(StoreUnavailable):
        work(officer(), "key")
    assert table.database.all_items() == before
    work(officer(), "key")
    assert table.database.writes() == ["TransactWriteItems"] * 2
    assert deeds(table) == [deed]


@pytest.mark.parametrize("name", WORKS)
def test_what_is_done_after_the_summary_leads_to_a_change_notice_to_everybody(
    event: Event,
    table: Table,
    mailer: RecordingMailer,
    officer: AtWork,
    summarised: datetime,
    name: str,
) -> None:
    work, deed = WORKS[name]
    work(officer(summarised), keys_in(table)[0])
    assert controls.read(table).changed_at == summarised
    tend_at(minutes_from(summarised, 10), event, table, mailer)
    assert mailer.letters == []
    tend_at(minutes_from(summarised + QUIET, 60), event, table, mailer)
    assert [to for to, _ in mailer.letters] == [one.email for one in event.contacts]
    assert all(letter.subject.startswith("Ändrad specialkost") for _, letter in mailer.letters)
    assert deeds(table) == [deed]


@pytest.mark.parametrize("name", WORKS)
def test_what_is_done_before_anybody_counted_tells_the_control_nothing(
    event: Event, table: Table, officer: AtWork, name: str
) -> None:
    register(event, table)
    before = controls.read(table)
    WORKS[name][0](officer(), keys_in(table)[0])
    assert controls.read(table) == before


def test_a_plate_added_between_the_two_looks_is_in_the_summary(
    event: Event, table: Table, mailer: RecordingMailer, officer: AtWork
) -> None:
    tend_at([event.closes_at + 2 * MINUTE], event, table, mailer)
    officer(event.closes_at + 2 * MINUTE + SECOND).add(BO, "nonce")
    tend_at(minutes_from(event.closes_at + 3 * MINUTE, 3), event, table, mailer)
    assert len(mailer.letters) == len(event.contacts)
    assert "Antal anmälningar: 1\n" in mailer.letters[0][1].text


def two_alike(officer: AtWork) -> tuple[str, str]:
    one, two = (officer().add(BO, nonce)[0] for nonce in ("one", "two"))
    return one, two


def test_of_two_who_keep_one_each_at_the_same_moment_one_loses(
    officer: AtWork, table: TableInMemory
) -> None:
    one, two = two_alike(officer)
    table.database.on(
        "TransactWriteItems",
        f"REG#{one}",
        lambda: officer(NOW + SECOND, 1).remove_duplicate(two, 1, one, 1),
    )
    assert not officer(NOW + SECOND).remove_duplicate(one, 1, two, 1)
    assert keys_in(table) == [one]
    assert [line.contact for line in audit_log.latest(table, "", 1)] == [
        officer.event.contacts[1].email
    ]


@pytest.mark.parametrize("which", ["removed", "kept"])
@pytest.mark.parametrize("when", ["before it is read", "after it is read"])
def test_of_duplicates_that_have_changed_since_they_were_shown_none_is_removed(
    officer: AtWork, table: TableInMemory, which: str, when: str
) -> None:
    one, two = two_alike(officer)
    changes = two if which == "kept" else one

    def correct() -> None:
        officer(NOW + SECOND, 1).correct(changes, replace(BO, diet="halal"), 1)

    if when == "before it is read":
        correct()
    else:
        table.database.on("TransactWriteItems", f"REG#{one}", correct)
    with pytest.raises(StaleRevision) as stale:
        officer().remove_duplicate(one, 1, two, 1)
    assert stale.value.stored == registrations.find(table, changes)
    assert sorted(keys_in(table)) == sorted([one, two])
    assert deeds(table) == [Deed.ADDED, Deed.ADDED, Deed.CORRECTED]


# Sending the summary again


@pytest.mark.parametrize("state", [State.OPEN, State.CLOSED])
def test_without_a_summary_there_is_nothing_to_send(
    officer: AtWork, table: Table, state: State
) -> None:
    controls.save(table, replace(controls.read(table), state=state))
    with pytest.raises(NothingToSend):
        officer().send_again(officer.event.contacts, "again")
    assert deeds(table) == []
    assert outbox.due(table, NOW + HOUR) == []


def fingerprint_in(letter: Letter) -> str:
    found = re.search(r"kontrolltal ([0-9a-f]{8})", letter.text)
    assert found
    return found[1]


@pytest.mark.parametrize("numbers", [[0], [1], [0, 1], [1, 0]])
def test_the_summary_goes_again_to_whom_was_chosen_with_the_same_version_and_fingerprint(
    event: Event, table: Table, officer: AtWork, numbers: list[int]
) -> None:
    register(event, table)
    first = RecordingMailer()
    tend_at(minutes_from(event.closes_at, 5), event, table, first)
    later, again = event.closes_at + HOUR, RecordingMailer()
    chosen = [event.contacts[number] for number in numbers]
    assert officer(later).send_again(chosen, "again") == 1
    tend_at([later], event, table, again)
    assert sorted(to for to, _ in again.letters) == sorted(one.email for one in chosen)
    for _, letter in again.letters:
        assert letter.subject == f"Kopia: {first.letters[0][1].subject}"
        assert "Version 1, " in letter.text
        assert fingerprint_in(letter) == fingerprint_in(first.letters[0][1])
    assert [(line.deed, line.about) for line in audit_log.latest(table, "", 9)] == [
        (Deed.SENT_AGAIN, "1")
    ]


def test_after_a_change_what_goes_again_is_the_latest_version_whole(
    event: Event,
    table: Table,
    mailer: RecordingMailer,
    officer: AtWork,
    summarised: datetime,
) -> None:
    officer(summarised).add(BO, "nonce")
    tend_at(minutes_from(summarised + QUIET, 2), event, table, mailer)
    notice, again = mailer.letters[0][1], RecordingMailer()
    later = summarised + HOUR
    assert officer(later).send_again(event.contacts[:1], "again") == 2
    tend_at([later], event, table, again)
    ((_, letter),) = again.letters
    assert letter.subject.startswith("Kopia: Specialkost 31 maj: 2 portioner till lunch")
    assert "öppen igen" not in letter.text + letter.html, "it never was"
    assert fingerprint_in(letter) == fingerprint_in(notice)
    orders = registrations.encoded_orders(table)
    assert (
        fingerprint_in(letter)
        == summarise(tally(orders, taken_at=later), event, version=2).fingerprint[:8]
    )


def test_what_has_changed_since_the_summary_is_not_in_what_goes_again(
    event: Event, table: Table, officer: AtWork, summarised: datetime
) -> None:
    officer(summarised).add(BO, "nonce")
    again = RecordingMailer()
    officer(summarised).send_again(event.contacts[:1], "again")
    tend_at([summarised], event, table, again)
    assert "1 portion till lunch" in again.letters[0][1].subject


def test_each_sending_again_is_mails_of_its_own(
    event: Event, table: Table, officer: AtWork, summarised: datetime
) -> None:
    again = RecordingMailer()
    for n in range(3):
        officer(summarised + n * SECOND).send_again(event.contacts, f"again {n}")
    tend_at([summarised + MINUTE], event, table, again)
    assert len(again.letters) == 3 * len(event.contacts)
    assert len({tags["mail"] for tags in again.tags}) == 3 * len(event.contacts)


@pytest.mark.parametrize("apart", [0 * SECOND, SECOND / 4, HOUR])
def test_a_form_that_is_sent_twice_sends_it_again_once_and_is_one_line_of_the_log(
    event: Event, table: Table, officer: AtWork, summarised: datetime, apart: timedelta
) -> None:
    again = RecordingMailer()
    for now in (summarised, summarised + apart):
        assert officer(now).send_again(event.contacts, "the form's nonce") == 1
        tend_at([now], event, table, again)
    assert len(again.letters) == len(event.contacts)
    assert deeds(table) == [Deed.SENT_AGAIN]
    assert all("KOPIA" in letter.text for _, letter in again.letters)


# Closing and reopening


Moving = Callable[[Officer], object]


def open_until(until: datetime, shown: datetime) -> Moving:
    return lambda officer: officer.reopen(until, shown)


def close(shown: datetime) -> Moving:
    return lambda officer: officer.close(shown)


@pytest.fixture
def movings(event: Event) -> dict[str, Moving]:
    """What a contact person can do to the deadline when she has seen the announced one."""
    shown = event.closes_at
    return {"close": close(shown), "reopen": open_until(shown + HOUR, shown)}


@pytest.mark.parametrize(("name", "deed"), [("close", Deed.CLOSED), ("reopen", Deed.REOPENED)])
def test_what_is_done_to_the_deadline_is_one_write_with_one_line_of_the_log(
    officer: AtWork,
    table: TableInMemory,
    event: Event,
    movings: dict[str, Moving],
    name: str,
    deed: Deed,
) -> None:
    table.database.on("TransactWriteItems", "ACCESS#", refusing("ThrottlingException"))
    with pytest.raises(StoreUnavailable):
        movings[name](officer())
    assert table.database.all_items() == []
    movings[name](officer())
    assert table.database.writes() == ["TransactWriteItems"] * 2
    assert deeds(table) == [deed]
    closes_at = {"close": NOW, "reopen": event.closes_at + HOUR}[name]
    assert registering.closing_time(officer()) == closes_at


@pytest.mark.parametrize("name", ["close", "reopen"])
@pytest.mark.parametrize("colleagues", ["close", "reopen"])
@pytest.mark.parametrize("when", ["before it is read", "between reading and writing"])
def test_a_deadline_that_has_moved_since_it_was_shown_is_neither_closed_nor_moved(
    officer: AtWork,
    table: TableInMemory,
    movings: dict[str, Moving],
    name: str,
    colleagues: str,
    when: str,
) -> None:
    def overtake() -> None:
        movings[colleagues](officer(NOW, 1))

    if when == "before it is read":
        overtake()
    else:
        table.database.on("TransactWriteItems", "CONTROL", overtake)
    with pytest.raises(DeadlineMoved):
        movings[name](officer())
    assert controls.read(table).revision == 1
    assert [line.contact for line in audit_log.latest(table, "", 9)] == [
        officer.event.contacts[1].email
    ]


@pytest.mark.parametrize("name", ["close", "reopen"])
def test_a_tick_between_reading_and_writing_is_no_hindrance(
    officer: AtWork, table: TableInMemory, event: Event, movings: dict[str, Moving], name: str
) -> None:
    def tick() -> None:
        controls.save(table, replace(controls.read(table), followed_up_at=NOW))

    table.database.on("TransactWriteItems", "CONTROL", tick)
    movings[name](officer())
    assert controls.read(table).followed_up_at == NOW
    closes_at = {"close": NOW, "reopen": event.closes_at + HOUR}[name]
    assert registering.closing_time(officer()) == closes_at
    assert len(deeds(table)) == 1


def test_what_has_closed_by_itself_is_not_closed_again_and_not_in_the_log(
    officer: AtWork, table: Table, event: Event, summarised: datetime
) -> None:
    before = controls.read(table)
    assert officer(summarised).close(event.closes_at) == event.closes_at
    assert controls.read(table) == before
    assert deeds(table) == []


def test_a_deadline_that_cannot_be_is_refused_and_not_in_the_log(
    officer: AtWork, table: Table, event: Event
) -> None:
    for until in (NOW, event.starts_at + TICK):
        with pytest.raises(DeadlineRefused):
            officer().reopen(until, event.closes_at)
    assert controls.read(table).revision == 0
    assert deeds(table) == []


def test_no_line_of_the_log_has_a_name_an_address_or_an_answer(
    officer: AtWork, table: Table
) -> None:
    key, _ = officer().add(replace(BO, name="MARKNAME", email=STRANGER), "nonce")
    officer().correct(key, replace(BO, name="MARKNAME", note="MARKNOTE"), 1)
    officer().remove(key, 2, "")
    told = str(audit_log.latest(table, "", 9))
    for secret in ("MARKNAME", STRANGER, "MARKNOTE", "egan"):
        assert secret not in told
