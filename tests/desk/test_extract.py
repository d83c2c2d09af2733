"""What a person is told of what is stored."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib.audit.log import AuditAction, AuditEntry
from chalicelib.desk.extract import Stored, as_json, extract
from chalicelib.desk.spreadsheet import columns
from chalicelib.event.event import Event
from chalicelib.mail.outbox import MailKind, OutboxMail
from chalicelib.mail.records import MailEventType, MailRecord, MailState
from tests.examples import NOW, VEGAN_WITHOUT_NUTS, registered

MINUTE = timedelta(minutes=1)
STORED = Stored(registered(VEGAN_WITHOUT_NUTS), (), (), (), is_blocked=False)


def told_of(stored: Stored, event: Event) -> Any:
    """As whoever gets the file reads it."""
    return json.loads(as_json(extract(stored, event, NOW)))


def test_every_answer_is_told_in_words_under_the_names_of_the_lists_columns(event: Event) -> None:
    told = told_of(STORED, event)["Anmälan"]
    assert list(told)[: len(columns(event))] == columns(event)
    assert told == {
        "Kod": "CDFH", "Namn": "Åsa Öström", "Organisation": "Kulturförvaltningen",
        "E-post": "asa@boras.example", "Lunch": "ja", "Fika": "ja", "Kost": "Veganskt",
        "Tål inte": "Nötter", "Inte ens spår av": "Nötter", "Allvarlig reaktion": "ja",
        "Anteckning": "Inte kiwi.", "Anmäld": "2027-05-20 10:00", "Ändrad": "2027-05-20 10:00",
        "Portion": "Vegansk + utan nötter, inte ens spår + enligt egen anteckning",
        "Version": "1",
    }  # fmt: skip


def test_what_was_not_answered_is_told_too(event: Event) -> None:
    answers = replace(
        VEGAN_WITHOUT_NUTS, email="", meals=("fika", "supé"), severe=False, note="=1+1"
    )
    told = told_of(replace(STORED, registration=registered(answers)), event)["Anmälan"]
    assert (told["E-post"], told["Lunch"], told["Fika"]) == ("", "nej", "ja")
    assert told["Måltider som inte längre finns i programmet"] == "supé"
    assert told["Allvarlig reaktion"] == "nej"
    assert told["Anteckning"] == "=1+1", "as it is stored: nothing calculates this file"


def test_every_mail_is_told_with_when_and_how_it_ended(event: Event) -> None:
    happened = {MailEventType.DELIVERY: NOW + 3 * MINUTE}
    told = told_of(
        replace(
            STORED,
            receipts=[
                MailRecord("r-2", MailKind.RECEIPT, dropped_at=NOW + MINUTE, reason="cap"),
                MailRecord("r-1", MailKind.RECEIPT, sent_at=NOW, events=happened),
            ],
            waiting=[OutboxMail("r-3", MailKind.RECEIPT, "asa@boras.example", NOW + 2 * MINUTE)],
            is_blocked=True,
        ),
        event,
    )
    receipt = "kvitto med länk till anmälan"
    assert told["Mejl"] == [
        {"När": "2027-05-20 10:00", "Mejl": receipt, "Läge": "framme"},
        {"När": "2027-05-20 10:01", "Mejl": receipt, "Läge": "skickades inte"},
        {"När": "2027-05-20 10:02", "Mejl": receipt, "Läge": "väntar, till asa@boras.example"},
    ]
    assert told["Spärr mot fler mejl"] == "ja"
    assert told_of(STORED, event)["Spärr mot fler mejl"] == "nej"


def test_every_state_of_a_mail_has_words(event: Event) -> None:
    happenings = [None, *MailEventType]
    records = [
        MailRecord(f"{one}", MailKind.RECEIPT, sent_at=NOW, events={one: NOW} if one else {})
        for one in happenings
    ]
    records += [
        MailRecord("failed", MailKind.RECEIPT, failed_at=NOW),
        MailRecord("dropped", MailKind.RECEIPT, dropped_at=NOW),
    ]
    assert {record.state for record in records} == set(MailState)
    told = told_of(replace(STORED, receipts=records), event)
    assert all(line["Läge"] for line in told["Mejl"])


def test_it_says_when_and_what_was_done_but_neither_by_whom_nor_about_whom_else(
    event: Event,
) -> None:
    officer = event.contacts[0].email
    lines = [
        AuditEntry(NOW, officer, AuditAction.SAW_ONE, "CDFH", "a"),
        AuditEntry(NOW + MINUTE, officer, AuditAction.SAW_DUPLICATES, "WXYV, CDFH", "b"),
    ]
    told = told_of(replace(STORED, entries=lines), event)
    assert told["Vad kontaktpersonerna har gjort"] == [
        {"När": "2027-05-20 10:00", "Vad": "såg en anmälan"},
        {"När": "2027-05-20 10:01", "Vad": "såg dubbletter"},
    ]
    whole = str(told)
    assert officer not in whole
    assert "WXYV" not in whole


def test_what_the_controller_must_tell_with_it_is_the_events_own(event: Event) -> None:
    whole = str(told_of(STORED, event))
    privacy = event.privacy
    for text in (
        privacy.controller, privacy.dpo, privacy.legal_basis, privacy.legal_basis_sensitive,
        privacy.storage, f"{privacy.delete_after_days} dagar efter evenemanget",
        f"ytterligare högst {privacy.backup_days} dagar", "Integritetsskyddsmyndigheten",
        event.title, *(phone for contact in event.contacts for phone in contact.phones),
    ):  # fmt: skip
        assert text in whole
    one_day = replace(event, privacy=replace(privacy, delete_after_days=1, backup_days=1))
    assert "1 dag efter evenemanget" in str(told_of(STORED, one_day))


def test_the_file_is_text_that_people_can_read(event: Event) -> None:
    text = as_json(extract(STORED, event, NOW))
    assert '\n    "Namn": "Åsa Öström",\n' in text
    assert text.endswith("}\n")
