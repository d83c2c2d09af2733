"""Sending what is due in the outbox: one mail to one recipient, and a record of how it ended."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from chalicelib.catering import store as tallies
from chalicelib.catering.summary import CateringSummary, summarise
from chalicelib.desk import session_store as passes
from chalicelib.desk.sessions import LINK_WAITS, link_pass
from chalicelib.dynamo.retry import again_on_conflict
from chalicelib.dynamo.table import Conflict, StoreUnavailable
from chalicelib.event.calendar import MEDIA_TYPE, day_calendar
from chalicelib.event.context import Context
from chalicelib.event.event import Contact
from chalicelib.event.mail_address import mailbox
from chalicelib.lifecycle import store as controls
from chalicelib.lifecycle.state import REMINDER_LASTS, Control, State
from chalicelib.lifecycle.steps import Outcome, Step, mail_step
from chalicelib.lifecycle.timing import is_open
from chalicelib.logs.json_lines import kind_and_place
from chalicelib.mail import (
    alarm_store as alarms,
)
from chalicelib.mail import (
    base_url as sites,
)
from chalicelib.mail import (
    blocks,
    caps,
)
from chalicelib.mail import (
    outbox_store as outbox,
)
from chalicelib.mail import (
    record_store as mail_records,
)
from chalicelib.mail.alarms import raise_alarm
from chalicelib.mail.faults import TRANSIENT, Fault
from chalicelib.mail.outbox import (
    MAILS_AT_A_TIME,
    Attachment,
    Cap,
    Kind,
    Letter,
    Mailer,
    MailInDoubt,
    MailNotTaken,
    OutboxMail,
    is_alarming,
    is_final,
    leased,
    postponed,
    why_given_up,
)
from chalicelib.mail.records import unreached
from chalicelib.registration import store as registrations
from chalicelib.registration.registration import Registration, hashed
from chalicelib.texts import rendering
from chalicelib.texts.language import SWEDISH

_IN_ORDER = tuple(Kind)
_WHY = {
    Cap.MAILBOX: "the mailbox had as many receipts as it may have in a day",
    Cap.ALL: "as many receipts as may be sent in a day were sent",
}
_Writer = Callable[[OutboxMail], Letter]
_Written = TypeVar("_Written")


class _NotWanted(Exception):
    """The mail is not to be sent any more; the text says why."""


@dataclass(frozen=True)
class Post(Context):
    """What sending needs, the mailer and a source of private tokens too."""

    mailer: Mailer
    new_token: Callable[[], str]

    def send_due(self, due: Sequence[OutboxMail] | None = None) -> Iterator[Step]:
        """Sends the mails that are due and that nobody else sends, summaries first.

        `due` are they, if that is known. A fault stops only its own mail. Says of each how it went.
        """
        found = outbox.due(self.table, self.now) if due is None else due
        free = [mail for mail in found if mail.is_free(self.now)]
        free.sort(key=lambda mail: _IN_ORDER.index(mail.kind))
        sent, told = 0, False
        for mail in free:
            step = self._safely(mail)
            if step.why == _WHY[Cap.ALL] and not told:
                raise_alarm(self, mail, Fault.USED_UP, going_on=False)
                told, step = True, replace(step, alarming=True)
            yield step
            sent += step.outcome is not Outcome.DROPPED
            if sent == MAILS_AT_A_TIME:
                return

    def _safely(self, mail: OutboxMail) -> Step:
        try:
            return self._send(mail)
        except Conflict:
            return mail_step(Outcome.HELD, mail)
        except StoreUnavailable as fault:
            return mail_step(Outcome.IN_DOUBT, mail, f"the table answered {fault}")

    def _send(self, mail: OutboxMail) -> Step:
        if (mail.leased_until or mail.doubts) and self._was_taken(mail):
            return mail_step(Outcome.SEEN, mail)
        taken = leased(mail, self.now, self.new_token())
        # Before the lease, where it can be: what fails here leaves no doubt behind.
        prepared = self._written(self._prepared, taken)
        outbox.lease(self.table, taken)
        try:
            written = prepared
            if callable(written):
                taken = self._counted(taken)
                written = self._written(written, taken)
        except StoreUnavailable as fault:
            outbox.postpone(self.table, taken, postponed(taken, self.now))
            return mail_step(Outcome.POSTPONED, mail, f"the table answered {fault}")
        except _NotWanted as reason:
            written = reason
        if isinstance(written, _NotWanted):
            outbox.record_dropped(self.table, taken, str(written), self.now)
            return mail_step(Outcome.DROPPED, mail, str(written))
        if isinstance(written, MailNotTaken):
            return self._not_taken(taken, written)
        return self._hand_over(taken, written)

    def _written(
        self, write: Callable[[OutboxMail], _Written], mail: OutboxMail
    ) -> _Written | _NotWanted | MailNotTaken:
        """What is written, or why nothing is; a mail that can't be written holds up no other."""
        try:
            return write(mail)
        except _NotWanted as reason:
            return reason
        except (StoreUnavailable, Conflict):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the other mails must go
            return MailNotTaken(Fault.UNWRITABLE, kind_and_place(error))

    def _was_taken(self, mail: OutboxMail) -> bool:
        """Whether SES has told of a mail whose lease lapsed: then there is no doubt left."""
        record = mail_records.find(self.table, mail.kind, mail.id)
        if record is None or not record.was_taken:
            return False
        outbox.record_sent(self.table, mail, record.message_id, record.left_at)
        return True

    def _hand_over(self, mail: OutboxMail, letter: Letter) -> Step:
        given_up = why_given_up(mail)
        if given_up:
            return self._not_taken(mail, MailNotTaken(given_up))
        try:
            message_id = self.mailer.send(mail.recipient, letter, mail.tags)
        except MailNotTaken as refusal:
            return self._not_taken(mail, refusal)
        except MailInDoubt as doubt:
            return mail_step(Outcome.IN_DOUBT, mail, str(doubt))
        outbox.record_sent(self.table, mail, message_id, self.now)
        return mail_step(Outcome.SENT, mail)

    def _not_taken(self, mail: OutboxMail, refusal: MailNotTaken) -> Step:
        """Tells the operator before anything else, so that no alarm is lost on the way."""
        final, alarming = is_final(mail, refusal.fault), is_alarming(mail, refusal.fault)
        if alarming:
            raise_alarm(self, mail, refusal.fault, going_on=not final)
        alarming |= mail.kind is Kind.ALARM and refusal.fault not in TRANSIENT  # in the log only
        if final:
            outbox.record_failed(self.table, mail, refusal.fault, self.now)
            return mail_step(Outcome.FAILED, mail, str(refusal), alarming=alarming)
        outbox.postpone(self.table, mail, postponed(mail, self.now))
        return mail_step(Outcome.POSTPONED, mail, str(refusal), alarming=alarming)

    def _counted(self, mail: OutboxMail) -> OutboxMail:
        """A receipt as the day's caps know it, once however often it is tried."""
        if mail.kind is not Kind.RECEIPT or mail.counted:
            return mail
        day = self.now.astimezone(UTC).date()
        cap = caps.count_receipt(self.table, hashed(mailbox(mail.recipient)), day)
        if cap:
            raise _NotWanted(_WHY[cap])
        return replace(mail, counted=True)

    def _prepared(self, mail: OutboxMail) -> Letter | _Writer:
        """The letter, or what writes it once the mail is leased, since that leaves a trace."""
        if mail.kind is Kind.DESK:
            return self._desk_link
        if mail.kind is Kind.RECEIPT:
            self._registered(mail)
            if blocks.is_blocked(self.table, hashed(mailbox(mail.recipient))):
                raise _NotWanted("the address wants no mail")
            return self._receipt
        return self._letter(mail)

    def _letter(self, mail: OutboxMail) -> Letter:
        """A mail to a contact person or the operator."""
        if mail.kind is Kind.ALARM:
            return rendering.alarm_letter(alarms.find(self.table, mail.about), self.event)
        control = controls.read(self.table)
        if mail.kind is Kind.TEST:
            return rendering.test_letter(self.event, self.event.deadline(control.closes_at))
        if mail.kind is Kind.CERTIFICATE:
            return self._certificate(mail, control)
        return self._numbers(mail, control)

    def _numbers(self, mail: OutboxMail, control: Control) -> Letter:
        """What the contact persons forward to the kitchen."""
        self._check_not_forgotten()
        closes_at = self.event.deadline(control.closes_at)
        if (mail.kind is Kind.REMINDER) is not (control.state is State.OPEN):
            raise _NotWanted("registration has opened or closed since")
        if mail.kind is not Kind.REMINDER and mail.version < control.version:
            raise _NotWanted("a later version has been told since")
        summary = self._told(mail.about, mail.version)
        if mail.kind is Kind.REMINDER and self.now >= summary.taken_at + REMINDER_LASTS:
            raise _NotWanted("its numbers are too old")
        around: rendering.Around = {
            "is_copy": mail.is_copy,
            "unreached": self._unreached(mail.recipient),
            "desk": self._desk(),
        }
        if mail.kind is Kind.REMINDER:
            return rendering.reminder_letter(summary, self.event, closes_at, **around)
        if mail.kind is Kind.CHANGE:
            before = self._told(mail.since, mail.version - 1)
            return rendering.change_letter(summary, before, self.event, **around)
        return rendering.summary_letter(summary, self.event, **around)

    def _certificate(self, mail: OutboxMail, control: Control) -> Letter:
        if control.deletion is None:
            raise _NotWanted("nothing has been deleted")
        desk, is_copy = self._desk(), mail.is_copy
        return rendering.certificate_letter(
            control.deletion, self.event, is_copy=is_copy, desk=desk
        )

    def _check_not_forgotten(self) -> None:
        if self.event.is_forgotten(self.now):
            raise _NotWanted("what it tells is deleted")

    def _told(self, key: str, version: int) -> CateringSummary:
        return summarise(tallies.read(self.table, key), self.event, version=version)

    def _desk(self) -> str:
        """The address of the contact persons' pages, if it is known."""
        site = sites.read(self.table)
        return f"{site}/desk" if site else ""

    def _unreached(self, recipient: str) -> tuple[Contact, ...]:
        """The other contact persons, as far as their latest mails are known to be lost."""
        lost = unreached(mail_records.to_contacts(self.table)) - {recipient}
        return tuple(contact for contact in self.event.contacts if contact.email in lost)

    def _desk_link(self, mail: OutboxMail) -> Letter:
        """A link to the desk, good from when it is sent; the table never holds its token."""
        contact = self.event.contact_at(mail.recipient)
        if contact is None or self.now >= datetime.fromisoformat(mail.about) + LINK_WAITS:
            raise _NotWanted("no longer a contact person, or asked for too long ago")
        token = self.new_token()
        self.table.apply(passes.saved(hashed(token), link_pass(contact.email, self.now)))
        return rendering.desk_letter(self.event, link=f"{mail.site}/desk/enter/{token}")

    def _registered(self, mail: OutboxMail) -> Registration:
        """What a receipt is about, as it is now, if anybody still wants the receipt."""
        if mail.doubts:
            raise _NotWanted("it may have been sent before")
        self._check_not_forgotten()
        registration = registrations.find(self.table, mail.about)
        if registration is None or registration.answers.email != mail.recipient:
            raise _NotWanted("cancelled, or changed to another address")
        return registration

    def _receipt(self, mail: OutboxMail) -> Letter:
        """A receipt with a link of its own: the table never holds a token that could be mailed."""
        token = self.new_token()
        again_on_conflict(
            lambda: registrations.link(
                self.table, hashed(token), mail.about, self._registered(mail)
            )
        )
        closes_at = self.event.deadline(controls.read(self.table).closes_at)
        language = "" if mail.language == SWEDISH else f"?lang={mail.language}"
        calendar = day_calendar(self.event, mail.language, stamped_at=self.now)
        return rendering.receipt_letter(
            self.event,
            mail.language,
            link=f"{mail.site}/registration/{token}{language}",
            closes_at=closes_at if is_open(self.now, closes_at) else None,
            calendar=Attachment(f"{self.event.id}.ics", MEDIA_TYPE, calendar),
        )
