"""What SES tells of a mail after it took it."""

import logging
from datetime import UTC

from chalicelib.event.context import Context
from chalicelib.logs.json_lines import telling
from chalicelib.mail import caps
from chalicelib.mail import record_store as mail_records
from chalicelib.mail.alarms import raise_alarm
from chalicelib.mail.faults import HARMFUL
from chalicelib.mail.outbox import UNWATCHED, Kind
from chalicelib.mail.records import UNWELCOME, MailEvent

log = logging.getLogger("dukat")


def record_mail_event(context: Context, told: MailEvent | None) -> bool:
    """Keeps it, in any order and however often it comes; None is of a mail that isn't ours.

    A mail that a contact person did not get, or did not want, raises the alarm. Says whether
    somebody must look at it.
    """
    if told is None:
        outcome = "not about a mail of this event"
        log.warning("mail event: %s", outcome, extra=telling(what="mail event", outcome=outcome))
        return False
    known = mail_records.record_event(context.table, told)
    if told.kind is Kind.RECEIPT and told.fault in HARMFUL:
        caps.count_bounce(context.table, context.now.astimezone(UTC).date())
    wrong = told.fault if known.state in UNWELCOME else None
    alarming = wrong is not None and told.kind not in UNWATCHED
    level, outcome = logging.ERROR if alarming else logging.INFO, wrong or told.happening
    about = told.mail_id
    facts = telling(what="mail event", outcome=outcome, about=about, alarming=alarming)
    log.log(level, "mail event: %s %s", about, outcome, extra=facts)
    if wrong and told.kind.audience == "contact":
        raise_alarm(context, known, wrong, going_on=False)
    return alarming
