"""Mails to the operator: alarms, and test mails."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial

from chalicelib.event.event import Event
from chalicelib.lifecycle import store as event_state
from chalicelib.mail.alarm_words import REMEDIES, WORDS, outcome_in_words
from chalicelib.mail.alarms import Alarm, find_alarm
from chalicelib.mail.letter import Letter, render_letter
from chalicelib.mail.outbox import OutboxMail
from chalicelib.mail.sending import Sending
from chalicelib.texts.language import translated


def compose_alarm(sending: Sending, mail: OutboxMail) -> Letter:
    """The letter about the alarm whose id is `mail.about`."""
    return alarm_letter(find_alarm(sending.table, mail.about), sending.event)


def compose_test(sending: Sending, _: OutboxMail) -> Letter:
    """The letter of a test mail."""
    event, state = sending.event, event_state.read(sending.table)
    return test_letter(event, event.deadline(state.closes_at))


def alarm_letter(alarm: Alarm, event: Event) -> Letter:
    """The alarm mail to the operator: the fault and its remedy."""
    say = partial(translated, language=event.language)
    return render_letter(
        "alarm",
        event.language,
        alarm=alarm,
        event=event,
        outcome_in_words=say(outcome_in_words(alarm.fault, going_on=alarm.going_on)),
        fault_words=say(WORDS[alarm.fault]),
        remedy=" ".join(map(say, REMEDIES[alarm.fault])),
    )


def test_letter(event: Event, closes_at: datetime) -> Letter:
    """The test mail, which shows that mails arrive before the first real one is due."""
    letter = render_letter("test", event.language, event=event, closes_at=closes_at)
    return replace(letter, reply_to=event.operator)
