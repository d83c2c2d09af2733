"""Sending mails whose answer is lost, and faults of the table meanwhile."""

from chalicelib.mail.alarm_words import WORDS
from chalicelib.mail.faults import Fault
from chalicelib.mail.mailer import MailInDoubt
from chalicelib.mail.retry import LEASE
from tests.driving import MINUTE, SECOND, Service, states
from tests.wire import no_answer


def test_a_mail_always_in_doubt_is_sent_twice_and_given_up_once_an_alarm_is_stored(
    service: Service,
) -> None:
    service.mailer.refused = {to: MailInDoubt("ReadTimeoutError") for to in service.contacts}
    service.table.database.on("TransactWriteItems", "ALARM#", no_answer)
    service.tick_for(120, service.event.closes_at)
    assert service.mailer.calls == 2 * len(service.contacts) + len(service.recipients)
    assert states(service.table) == {"summary-1-1": "failed", "summary-1-2": "failed"}
    assert [WORDS[Fault.IN_DOUBT] in alarm for alarm in service.alarms()] == [True, True]


def test_a_table_fault_while_sending_one_mail_does_not_stop_the_others(service: Service) -> None:
    service.table.database.on("TransactWriteItems", "MAIL#contact#summary-1-1", no_answer)
    service.summarise()
    assert service.recipients == service.contacts
    assert states(service.table) == {"summary-1-2": "sent"}


def test_a_mail_in_doubt_is_sent_once_more_and_says_that_it_is_a_copy(service: Service) -> None:
    service.mailer.errors.append(MailInDoubt("ReadTimeoutError"))
    one, other = service.contacts
    start = service.event.closes_at + 3 * MINUTE
    service.run_due_steps(start - MINUTE, start)
    assert service.recipients == [other]
    service.run_due_steps(start + LEASE - SECOND)
    assert service.recipients == [other]
    service.run_due_steps(start + LEASE)
    (copy,) = service.letters(one)
    assert copy.subject.startswith("Kopia: ")
    assert "KOPIA" in copy.text
