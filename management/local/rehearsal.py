"""Plays the whole event in seconds: guests register, the deadline passes, the summary is mailed,
and all data are deleted.
"""

import logging
import os
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from random import Random
from urllib.parse import urlencode

from moto import mock_aws

from chalicelib import bootstrap
from chalicelib.catering.limits import CODES_AT_MOST
from chalicelib.deletion import store as deletions
from chalicelib.deletion.words import DELETED_DATA
from chalicelib.event.event import Event
from chalicelib.event.events import Events
from chalicelib.lifecycle.deletion_progress import DataKind
from chalicelib.mail.outbox import MailKind
from chalicelib.texts.language import translated
from management.local.clock import SetClock
from management.local.composition import LocalComposition
from management.local.console import log_as_plain_text
from management.local.gateway import Answer, Gateway
from management.local.guests import Guest, invented_guests
from management.local.moto_aws import ENVIRONMENT, SentMail, prepare_aws, sent_mails
from management.local.service import scheduled_event

_FORM = {"content-type": "application/x-www-form-urlencoded"}
_LATE_GUESTS = 3
_MINUTES_AT_MOST = 15

Tick = Callable[[dict[str, object], None], None]


class RehearsalFailed(Exception):
    """A step of the rehearsal had a wrong result; the message says which."""


def rehearse(
    guests: int, event: Event, folder: Path, say: Callable[[str], None], seed: int = 24
) -> None:
    """Play `event` with `guests` invented guests; report each step with `say`.

    Writes the mails to `folder`. The same `seed` gives the same guests. Raises RehearsalFailed.
    """
    import app as application

    log_as_plain_text(logging.ERROR)
    with mock_aws():
        os.environ.pop("AWS_ENDPOINT_URL", None)
        os.environ.update(ENVIRONMENT)
        prepare_aws()
        clock = SetClock(event.closes_at - timedelta(days=14))
        bootstrap.install(LocalComposition(events=Events(None, [event]), clock=clock))
        gateway = Gateway(application.app, clock)
        random, form = Random(seed), f"/{event.id}/registration"
        registered = _register(invented_guests(guests, event, random), gateway, clock, form)
        say(f"{len(registered)} guests registered and got a receipt with a plate code.")
        _refuse_late(invented_guests(_LATE_GUESTS, event, random), gateway, clock, event)
        say(f"{_LATE_GUESTS} guests tried to register at or after the deadline and were refused.")
        tick, each = application.tick, len(event.mailboxes) + len(event.receivers)
        minutes = _tick_until_mailed(tick, clock, event.closes_at, "summary", each)
        say(f"The summary was mailed {minutes} minutes after the deadline.")
        _check(sent_mails(), registered, event)
        _tick_until_mailed(
            tick, clock, event.deletes_at, "certificate", each + len(event.mailboxes)
        )
        _check_deleted(sent_mails()[each:], registered, event)
        deleted_at = event.deletes_at.astimezone(event.timezone)
        say(f"All data were deleted on {deleted_at:%Y-%m-%d}, and a certificate was mailed.")
        mails = sent_mails()
        _write_files(mails, folder)
        for mail in mails:
            say(f"  {', '.join(sorted(set(mail.recipients)))}: {mail.message['Subject']}")
        say(f"The mails are in {folder}/ as .eml, .html and .txt.")


def _register(
    guests: Iterator[Guest], gateway: Gateway, clock: SetClock, form: str
) -> dict[str, Guest]:
    registered: dict[str, Guest] = {}
    for guest in guests:
        clock.move(timedelta(minutes=1))
        answer = _submit(guest, gateway, form)
        if answer.status != HTTPStatus.SEE_OTHER:
            raise RehearsalFailed(f"A registration was answered with {answer.status}, not 303.")
        receipt = gateway.request("GET", answer.headers["location"]).text
        code = re.search(r'class="code">(\w+)<', receipt)
        if code is None or code[1] in registered:
            raise RehearsalFailed("A receipt has no plate code, or the code of another receipt.")
        registered[code[1]] = guest
    return registered


def _refuse_late(guests: Iterator[Guest], gateway: Gateway, clock: SetClock, event: Event) -> None:
    clock.now = event.closes_at - timedelta(milliseconds=1)
    form = f"/{event.id}/registration"
    opened = [(guest, _open_form(gateway, form)) for guest in guests]
    clock.now = event.closes_at
    for guest, nonce in opened:
        answer = _post(guest, nonce, gateway, form)
        if answer.status != HTTPStatus.CONFLICT:
            raise RehearsalFailed(
                f"A late registration was answered with {answer.status}, not 409."
            )
        clock.move(timedelta(seconds=5))


def _submit(guest: Guest, gateway: Gateway, form: str) -> Answer:
    return _post(guest, _open_form(gateway, form), gateway, form)


def _open_form(gateway: Gateway, form: str) -> str:
    nonce = re.search(r'name="nonce" value="([^"]+)"', gateway.request("GET", form).text)
    if nonce is None:
        raise RehearsalFailed("The form has no nonce.")
    return nonce[1]


def _post(guest: Guest, nonce: str, gateway: Gateway, form: str) -> Answer:
    body = urlencode({**guest.fields, "nonce": [nonce]}, doseq=True).encode()
    return gateway.request("POST", form, _FORM, body)


def _tick_until_mailed(tick: Tick, clock: SetClock, since: datetime, what: str, mails: int) -> int:
    """Tick once a minute after `since` until `mails` mails have been sent; return the minutes."""
    for minute in range(1, _MINUTES_AT_MOST + 1):
        clock.now = since + timedelta(minutes=minute)
        tick(scheduled_event(clock.now), None)
        if len(sent_mails()) >= mails:
            return minute
    raise RehearsalFailed(f"No {what} was mailed within {_MINUTES_AT_MOST} minutes.")


def _check_deleted(
    certificates: list[SentMail], registered: dict[str, Guest], event: Event
) -> None:
    if len(certificates) != len(event.mailboxes):
        raise RehearsalFailed(
            f"{len(certificates)} certificates for {len(event.mailboxes)} contact persons."
        )
    for mail in certificates:
        counted = translated(DELETED_DATA[DataKind.REGISTRATION], event.language)
        if f"{len(registered):6}  {counted}" not in mail.part("plain"):
            raise RehearsalFailed("The certificate does not count every registration.")
    left = deletions.stored(bootstrap.composition().patient_table(event))
    if any(str(MailKind.CERTIFICATE) not in stored.key for stored in left):
        raise RehearsalFailed("The table still has items after the deletion.")


def _check(mails: list[SentMail], registered: dict[str, Guest], event: Event) -> None:
    if len(mails) != len(event.mailboxes) + len(event.receivers):
        raise RehearsalFailed(f"{len(mails)} mails, not one to each contact person and receiver.")
    total, code_is = (translated(words, event.language) for words in ("Antal anmälningar:", "Kod"))
    for mail in mails:
        receiver = event.receiver_at(mail.recipients[0])
        meals = set((receiver and receiver.meals) or (meal.id for meal in event.meals))
        eaten = {code: len(meals & set(one.fields["meal"])) for code, one in registered.items()}
        people = sum(map(bool, eaten.values()))
        text, html = mail.part("plain"), mail.part("html")
        if f"{total} {people}\n" not in text:
            raise RehearsalFailed("The summary does not count every registration.")
        unwrapped = text.replace(",\n      ", ", ")  # a list of codes may be longer than a line
        plates = [
            line for line in unwrapped.splitlines() if line.strip().startswith(f"{code_is}: ")
        ]
        for code, guest in registered.items():
            listed = sum(code in line for line in plates)
            if len(registered) <= CODES_AT_MOST and listed != eaten[code]:
                raise RehearsalFailed(
                    f"Plate code {code} is not listed once for each of its meals."
                )
            if guest.name in text + html:
                raise RehearsalFailed("A summary mail has a guest's name in it.")


def _write_files(mails: list[SentMail], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if re.fullmatch(r"\d\d\.(eml|html|txt)", old.name):  # an earlier rehearsal's
            old.unlink()
    for mail in mails:
        name = f"{mail.number:02}"
        (folder / f"{name}.eml").write_bytes(mail.source)
        (folder / f"{name}.html").write_text(mail.part("html"), encoding="utf-8")
        (folder / f"{name}.txt").write_text(mail.part("plain"), encoding="utf-8")
