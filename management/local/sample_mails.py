"""A sample of every kind of mail that Dukat sends, with invented guests, for the preview."""

from collections.abc import Collection, Iterator
from datetime import timedelta
from random import Random

from chalicelib.catering import mails
from chalicelib.catering.summary import CateringSummary, summarise
from chalicelib.catering.tally import tally
from chalicelib.deletion import certificate_mail
from chalicelib.desk import login_mail, programme_mail
from chalicelib.event.calendar import day_calendar
from chalicelib.event.changes import Changes, Notice, RowChange, row_key
from chalicelib.event.event import Event
from chalicelib.event.mail_address import named_address
from chalicelib.lifecycle.deletion_progress import DataKind, DeletionProgress
from chalicelib.mail import operator_mails
from chalicelib.mail.alarms import Alarm
from chalicelib.mail.faults import Fault
from chalicelib.mail.letter import Letter
from chalicelib.mail.mime import as_mime
from chalicelib.mail.outbox import MailKind
from chalicelib.mail.ses import from_header
from chalicelib.registration import link_mail, notice_mail, receipt_mail
from chalicelib.registration.answers import Order
from chalicelib.registration.form import read_answers
from chalicelib.texts.language import ENGLISH, SWEDISH
from management.local.guests import invented_guests
from management.local.moto_aws import SENDER, SentMail

_GUESTS, _SEED = 24, 5
_ATTENDEE = "deltagare@boras.example"
_PAGE = "https://dukat.example/agenda"
_DESK = "https://dukat.example/desk"
_DESK_LINK = f"{_DESK}/enter/en-lank-som-galler-en-halvtimme"
_LINK = "https://dukat.example/registration/en-privat-lank-som-bara-mottagaren-har"
_CODE = "K7RT"
_NOTICES = (
    (MailKind.CORRECTED, _LINK),
    (MailKind.READDRESSED, ""),
    (MailKind.RELINKED, _LINK),
    (MailKind.REMOVED, ""),
    (MailKind.MERGED, _LINK),
    (MailKind.MERGED, ""),
)


def sample_mails(event: Event) -> list[SentMail]:
    """Return a sample of each mail to contact persons, receivers, the operator and attendees."""
    letters = enumerate(_letters(event), 1)
    return [
        SentMail(number, (to,), as_mime(_from(letter), to, letter))
        for number, (to, letter) in letters
    ]


def _from(letter: Letter) -> str:
    name, address = named_address(SENDER)
    return from_header(letter.sender_name or name, address)


def _letters(event: Event) -> Iterator[tuple[str, Letter]]:
    contact, other = event.contacts[0], event.contacts[-1:]
    orders = list(_orders(event))
    so_far = _summary(0, orders[:9], event, before=timedelta(hours=40))
    first = _summary(1, orders[:-2], event)
    changed = _summary(2, orders[1:], event)
    yield contact.email, mails.reminder_letter(so_far, event, event.closes_at)
    yield contact.email, mails.summary_letter(first, event)
    yield contact.email, mails.summary_letter(first, event, is_copy=True)
    yield event.operator, programme_mail.programme_letter(event, _changes(event))
    yield contact.email, mails.change_letter(changed, first, event, unreached=other)
    yield contact.email, mails.summary_letter(changed, event)
    yield contact.email, mails.summary_letter(_summary(1, [], event), event)
    for receiver in event.receivers:
        first, changed = (
            _summary(version, some, event, only=receiver.meals)
            for version, some in ((1, orders[:-2]), (2, orders[1:]))
        )
        yield receiver.email, mails.summary_letter(first, event, receiver=receiver)
        yield receiver.email, mails.change_letter(changed, first, event, receiver=receiver)
    at = event.closes_at + timedelta(minutes=4)
    for fault, going_on in ((Fault.PAUSED, True), (Fault.SUPPRESSED, False)):
        alarm = Alarm("sample", fault, MailKind.SUMMARY, 2, at, going_on)
        yield event.operator, operator_mails.alarm_letter(alarm, event)
    yield contact.email, certificate_mail.certificate_letter(_deletion(event), event, desk=_DESK)
    yield event.operator, operator_mails.test_letter(event, event.closes_at)
    yield contact.email, login_mail.login_letter(event, link=_DESK_LINK)
    for language in event.languages:
        calendar = day_calendar(event, language, page=_PAGE, stamped_at=event.closes_at)
        closes_at = event.closes_at
        yield (
            _ATTENDEE,
            receipt_mail.receipt_letter(
                event, language, code=_CODE, link=_LINK, closes_at=closes_at, calendar=calendar
            ),
        )
        for number in (1, 3):
            links = [(f"{_CODE}{end}", _LINK) for end in "37W"[:number]]
            letter = link_mail.link_letter(event, language, links=links, closes_at=closes_at)
            yield _ATTENDEE, letter
    for kind, link in _NOTICES:
        for language in event.languages:
            letter = notice_mail.notice_letter(
                event, kind, language, code=_CODE, link=link, closes_at=event.closes_at
            )
            yield _ATTENDEE, letter


def _summary(
    version: int,
    orders: list[Order],
    event: Event,
    before: timedelta = timedelta(minutes=-3),
    only: Collection[str] = (),
) -> CateringSummary:
    taken_at = event.closes_at - before
    counted = tally([order.encode() for order in orders], taken_at=taken_at)
    return summarise(counted, event, version=version, only=only)


def _deletion(event: Event) -> DeletionProgress:
    at = event.deletes_at + timedelta(minutes=3)
    numbers = dict(zip(DataKind, (_GUESTS, 17, 6, _GUESTS, 17, 40, 9, 61, 2, 1, 12), strict=True))
    return DeletionProgress(event.deletes_at + timedelta(minutes=2), numbers, at)


def _changes(event: Event) -> Changes:
    room, words = {
        SWEDISH: ("Sal B", "Lokalen är ändrad till Sal B, en trappa upp."),
        ENGLISH: ("Hall B", "The room is now Hall B, one floor up."),
    }[event.language]
    notice = Notice(words, event.ends_at)
    return Changes(notice, {row_key(event.agenda[0]): RowChange(room=room)}, 1)


def _orders(event: Event) -> Iterator[Order]:
    for number, guest in enumerate(invented_guests(_GUESTS, event, Random(_SEED))):
        answers = read_answers(guest.fields, event)
        yield Order(f"{number:02}KX", answers.meals, answers.plate)
