"""Sending the due mails in the outbox: one mail to one recipient, with a record of the result."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from chalicelib.dynamo.errors import Conflict, StoreUnavailable
from chalicelib.event.context import Context
from chalicelib.event.mail_address import capped_domain, mailbox_hash
from chalicelib.lifecycle.steps import Outcome, Step
from chalicelib.logs.json_lines import kind_and_place
from chalicelib.mail import base_url, caps
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail import record_store as mail_records
from chalicelib.mail.alarms import raise_alarm
from chalicelib.mail.allowance import USED_UP, Allowance, count_sending, count_settled, day_of
from chalicelib.mail.faults import TRANSIENT, Fault
from chalicelib.mail.letter import Composer, Letter, NotWanted, NotYet
from chalicelib.mail.limits import DROPPED_AT_A_TIME, MAILS_AT_A_TIME
from chalicelib.mail.mailer import Mailer, MailInDoubt, MailNotAccepted
from chalicelib.mail.outbox import CAPPED, UNWATCHED, MailKind, OutboxMail
from chalicelib.mail.retry import is_alarming, is_final, leased, postponed, why_given_up

_IN_ORDER = tuple(MailKind)
_Written = TypeVar("_Written")


@dataclass(frozen=True)
class Sending(Context):
    """The context with a mailer and a source of private tokens.

    `stack_url`: the pages' base URL of a stage that CloudFormation deployed, used while none is
    stored.
    """

    mailer: Mailer
    new_token: Callable[[], str]
    stack_url: str = ""
    # What several mails of one run need, by name, so that it is read once.
    memo: dict[str, Any] = field(default_factory=dict, compare=False)

    @cached_property
    def _base_url(self) -> str:
        return base_url.read(self.table) or self.stack_url

    @property
    def base_url(self) -> str:
        """The base URL, for links; raises MailNotAccepted if none is known.

        Never a request's host, which a visitor could choose.
        """
        if not self._base_url:
            raise MailNotAccepted(Fault.NO_BASE_URL)
        return self._base_url

    @property
    def desk_url(self) -> str:
        """The URL of the desk's door; empty if no base URL is known."""
        return f"{self._base_url}/desk" if self._base_url else ""

    def send_due(self, due: Iterable[OutboxMail], at_most: int = MAILS_AT_A_TIME) -> Iterator[Step]:
        """Send those of the due mails that no other sender has leased, by kind; yield a step for
        each. A fault stops only its own mail.

        Stops after `at_most` mails, not counting those dropped or waiting, or after
        DROPPED_AT_A_TIME of those dropped. Receipts for which there is no room stay in the outbox.
        """
        free = [mail for mail in due if mail.is_free(self.now)]
        free.sort(key=lambda mail: _IN_ORDER.index(mail.kind))
        allowance = Allowance(self.shared, self.now)
        sent, dropped, is_reported = 0, 0, False
        for mail in free:
            step = self._safely(mail, allowance)
            if step is None:
                continue
            if step.why == USED_UP and not is_reported:
                raise_alarm(self, mail, Fault.USED_UP, going_on=False)
                is_reported, step = True, replace(step, alarming=True)
            yield step
            sent += step.outcome not in _NOT_TRIED
            dropped += step.outcome is Outcome.DROPPED
            if sent >= at_most or dropped == DROPPED_AT_A_TIME:
                return

    def _safely(self, mail: OutboxMail, allowance: Allowance) -> Step | None:
        try:
            if mail.kind in CAPPED:
                return self._send_receipt(mail, allowance)
            return self._send(mail)
        except Conflict:
            return mail_step(Outcome.LEASED, mail)
        except NotYet as reason:
            return mail_step(Outcome.WAITING, mail, str(reason))
        except StoreUnavailable as fault:
            return mail_step(Outcome.IN_DOUBT, mail, f"the table answered {fault}")

    def _send_receipt(self, mail: OutboxMail, allowance: Allowance) -> Step | None:
        """Send a receipt, or drop it without a lease, in one request; None if it must wait."""
        why = allowance.why_not(mail)
        if why:
            outbox.drop(self.table, mail, why, self.now)
            return mail_step(Outcome.DROPPED, mail, why)
        if not allowance.take(mail):
            return None
        step = self._send(mail)
        if step.outcome is Outcome.DROPPED:
            allowance.give_back(mail)
        return step

    def _send(self, mail: OutboxMail) -> Step:
        if (mail.leased_until or mail.doubts) and self._was_taken(mail):
            return mail_step(Outcome.ALREADY_SENT, mail)
        taken = leased(mail, self.now, self.new_token())
        # Before the lease where possible, so that a failure here leaves no mail in doubt.
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
        except NotWanted as reason:
            written = reason
        if isinstance(written, NotWanted):
            outbox.record_dropped(self.table, taken, str(written), self.now)
            return mail_step(Outcome.DROPPED, mail, str(written))
        if isinstance(written, MailNotAccepted):
            return self._not_taken(taken, written)
        return self._hand_over(taken, written)

    def _written(
        self, write: Callable[[OutboxMail], _Written], mail: OutboxMail
    ) -> _Written | NotWanted | MailNotAccepted:
        """What `write` returns, or why it fails; a mail that cannot be written delays no other."""
        try:
            return write(mail)
        except (NotWanted, MailNotAccepted) as reason:
            return reason
        except (StoreUnavailable, Conflict, NotYet):
            raise
        except Exception as error:  # noqa: BLE001 - whatever the error, the other mails must be sent
            return MailNotAccepted(Fault.UNWRITABLE, kind_and_place(error))

    def _was_taken(self, mail: OutboxMail) -> bool:
        """Whether an SES event shows that the mail was accepted. If so, record the mail as sent."""
        record = mail_records.find(self.table, mail.kind, mail.id)
        if record is None or not record.was_accepted:
            return False
        outbox.record_sent(self.table, mail, record.message_id, record.left_at)
        return True

    def _hand_over(self, mail: OutboxMail, letter: Letter) -> Step:
        given_up = why_given_up(mail)
        if given_up:
            return self._not_taken(mail, MailNotAccepted(given_up))
        try:
            message_id = self.mailer.send(
                mail.recipient, letter, {"event": self.event.id, **mail.tags}
            )
        except MailNotAccepted as refusal:
            return self._not_taken(mail, refusal)
        except MailInDoubt as doubt:
            return mail_step(Outcome.IN_DOUBT, mail, str(doubt))
        outbox.record_sent(self.table, mail, message_id, self.now)
        return mail_step(Outcome.SENT, mail)

    def _not_taken(self, mail: OutboxMail, refusal: MailNotAccepted) -> Step:
        """Raise the alarm, then postpone or record the failure; a crash must lose no alarm."""
        final, alarming = is_final(mail, refusal.fault), is_alarming(mail, refusal.fault)
        if alarming:
            raise_alarm(self, mail, refusal.fault, going_on=not final)
        # No alarm about an alarm: the log reports it.
        alarming |= mail.kind is MailKind.ALARM and refusal.fault not in TRANSIENT
        if final:
            if mail.counted and mail_records.mark_once(self.table, mail.kind, mail.id, "settled"):
                count_settled(self.shared, day_of(mail, self.now))
            outbox.record_failed(self.table, mail, refusal.fault, self.now)
            return mail_step(Outcome.FAILED, mail, str(refusal), alarming=alarming)
        outbox.postpone(self.table, mail, postponed(mail, self.now))
        return mail_step(Outcome.POSTPONED, mail, str(refusal), alarming=alarming)

    def _counted(self, mail: OutboxMail) -> OutboxMail:
        """Count a capped mail for its day or a login link, once for all attempts.

        Raises NotWanted if the mailbox has its links of the day, or the domain its receipts.
        """
        if mail.counted or mail.kind not in CAPPED | {MailKind.DESK}:
            return mail
        if mail.kind is MailKind.DESK:
            if not caps.count_link(self.shared, mailbox_hash(mail.recipient), self.now):
                raise NotWanted("another run is mailing a link")
            return replace(mail, counted=True)
        day = day_of(mail, self.now)
        if mail.kind is MailKind.LINK and not caps.count_link_mail(
            self.shared, mailbox_hash(mail.recipient), date.fromisoformat(day)
        ):
            raise NotWanted("the mailbox had as many links as it may have in a day")
        domain = capped_domain(mail.recipient, self.event.own_domains)
        if domain and not caps.count_domain(self.shared, domain, date.fromisoformat(day)):
            raise NotWanted("its domain had as many receipts as it may have in a day")
        count_sending(self.shared, day, self.now)
        return replace(mail, counted=True)

    def _prepared(self, mail: OutboxMail) -> Letter | Composer:
        """The letter, or the function to write the letter with once the mail is leased."""
        from chalicelib.letters import composer_of

        prepared: Letter | Composer = composer_of(mail.kind)(self, mail)
        return prepared

    def refuse_after_deletion(self) -> None:
        """Raise NotWanted once personal data are no longer shown."""
        if self.event.hides_personal_data(self.now):
            raise NotWanted("its data are deleted")


_NOT_TRIED = frozenset({Outcome.DROPPED, Outcome.WAITING})
_WRONG = frozenset({Outcome.FAILED, Outcome.IN_DOUBT})


def mail_step(outcome: Outcome, mail: OutboxMail, why: str = "", *, alarming: bool = False) -> Step:
    """The step for a mail's outcome; a failed receipt or test mail is not alarming by itself."""
    wrong = outcome in _WRONG and mail.kind not in UNWATCHED
    return Step(outcome, mail.id, why, alarming or wrong)
