"""What receivers of the numbers of all or some meals are mailed."""

from collections.abc import Iterable, Iterator

from chalicelib.catering import store as tallies
from chalicelib.catering.tally import Tally
from chalicelib.event.context import Context
from chalicelib.event.event import Receiver
from chalicelib.mail.outbox import OutboxMail
from chalicelib.mail.records import MailRecord, MailState


def concerned(context: Context, since: str, counted: Tally) -> Iterator[Receiver]:
    """The receivers of whose meals something has changed since the tally with the key `since`;
    all if it is empty.
    """
    for receiver in context.event.receivers:
        if not (since and receiver.meals and is_same(context, receiver, since, counted)):
            yield receiver


def is_same(context: Context, receiver: Receiver, since: str, counted: Tally) -> bool:
    """Whether the receiver's numbers, codes and notes are those of the tally `since`.

    False if one can't be read: a receiver too many is better than one too few.
    """
    try:
        before = tallies.read(context.table, since)
        return before.of_meals(receiver.meals).groups == counted.of_meals(receiver.meals).groups
    except (LookupError, ValueError):
        return False


def versions_before(mail: OutboxMail, records: Iterable[MailRecord]) -> set[int]:
    """The versions that the recipient of `mail` has been sent, also of the same number."""
    return {
        record.version
        for record in records
        if record.recipient == mail.recipient
        and record.id != mail.id
        and 0 < record.version <= mail.version
        and record.state is not MailState.DROPPED
    }
