"""Sending what is due in the outbox: one mail to one recipient, and a record of how it ended."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from chalicelib import rendering
from chalicelib.calendar_feed import MEDIA_TYPE, day_calendar
from chalicelib.event import Event
from chalicelib.language import SWEDISH
from chalicelib.mail_address import mailbox
from chalicelib.outbox import (
    DROPPED_AT_A_TIME,
    MAILS_AT_A_TIME,
    RECEIPT,
    Attachment,
    Letter,
    Mailer,
    MailInDoubt,
    OutboxMail,
    PermanentMailError,
    TransientMailError,
    is_given_up,
    leased,
    postponed,
)
from chalicelib.registration import hashed, is_open, link_to
from chalicelib.store import Conflict, Store, StoreUnavailable
from chalicelib.summary import summarise


class _NotWanted(Exception):
    """The mail is not to be sent any more; the text says why."""


@dataclass(frozen=True)
class Post:
    """What sending needs: the event, the store, the mailer, and a source of private tokens."""

    event: Event
    store: Store
    mailer: Mailer
    new_token: Callable[[], str]

    def send_due(self, now: datetime) -> Iterator[str]:
        """Sends the mails that are due and that nobody else sends, summaries before receipts.

        A fault stops only its own mail. Says of each how it went.
        """
        free = [mail for mail in self.store.due_mails(now) if mail.is_free(now)]
        free.sort(key=lambda mail: mail.kind == RECEIPT)
        sent = 0
        for mail in free[: MAILS_AT_A_TIME + DROPPED_AT_A_TIME]:
            step = self._safely(mail, now)
            yield step
            sent += " dropped: " not in step
            if sent == MAILS_AT_A_TIME:
                return

    def _safely(self, mail: OutboxMail, now: datetime) -> str:
        try:
            return self._send(mail, now)
        except Conflict:
            return f"{mail.id} is being sent by somebody else"
        except StoreUnavailable as fault:
            return f"{mail.id} in doubt: the table answered {fault}"

    def _send(self, mail: OutboxMail, now: datetime) -> str:
        taken = leased(mail, now, self.new_token())
        written = None if mail.kind == RECEIPT else self._summary(taken)
        self.store.lease(taken)
        try:
            taken = self._counted(taken, now)
            letter = written or self._receipt(taken, now)
        except _NotWanted as reason:
            self.store.record_failed(taken, str(reason), now)
            return f"{mail.id} dropped: {reason}"
        except StoreUnavailable as fault:
            self.store.postpone(taken, postponed(taken, now))
            return f"{mail.id} postponed: the table answered {fault}"
        return self._hand_over(taken, letter, now)

    def _hand_over(self, mail: OutboxMail, letter: Letter, now: datetime) -> str:
        try:
            if is_given_up(mail):
                raise PermanentMailError("given up")
            message_id = self.mailer.send(mail.recipient, letter)
        except TransientMailError as error:
            self.store.postpone(mail, postponed(mail, now))
            return f"{mail.id} postponed: {error}"
        except PermanentMailError as error:
            self.store.record_failed(mail, str(error), now)
            return f"{mail.id} failed: {error}"
        except MailInDoubt as error:
            return f"{mail.id} in doubt: {error}"
        self.store.record_sent(mail, message_id, now)
        return f"{mail.id} sent"

    def _counted(self, mail: OutboxMail, now: datetime) -> OutboxMail:
        """A receipt as the day's caps know it, once however often it is tried."""
        if mail.kind != RECEIPT or mail.counted:
            return mail
        day = now.astimezone(UTC).date()
        if not self.store.count_receipt(hashed(mailbox(mail.recipient)), day):
            raise _NotWanted("as many receipts as may be sent in a day were sent")
        return replace(mail, counted=True)

    def _summary(self, mail: OutboxMail) -> Letter:
        summary = summarise(self.store.tally(mail.version), self.event, version=mail.version)
        return rendering.summary_letter(summary, self.event, is_copy=mail.doubts > 0)

    def _receipt(self, mail: OutboxMail, now: datetime) -> Letter:
        """A receipt with a link of its own: the table never holds a token that could be mailed."""
        if mail.doubts:
            raise _NotWanted("it may have been sent before")
        registration = self.store.registration(mail.registration)
        if registration is None or registration.answers.email != mail.recipient:
            raise _NotWanted("cancelled, or changed to another address")
        token = self.new_token()
        self.store.link(hashed(token), link_to(mail.registration, registration))
        closes_at = self.store.control().deadline(self.event.closes_at)
        language = "" if mail.language == SWEDISH else f"?lang={mail.language}"
        calendar = day_calendar(self.event, stamped_at=now)
        return rendering.receipt_letter(
            self.event,
            mail.language,
            link=f"{mail.site}/registration/{token}{language}",
            closes_at=closes_at if is_open(now, closes_at) else None,
            calendar=Attachment(f"{self.event.id}.ics", MEDIA_TYPE, calendar),
        )
