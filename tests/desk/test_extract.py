"""The extract of everything stored about one person."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib.audit.log import AuditAction, AuditEntry
from chalicelib.desk.extract import StoredData, as_json, extract
from chalicelib.desk.spreadsheet import columns
from chalicelib.event.event import Event
from chalicelib.mail.outbox import MailKind, OutboxMail
from chalicelib.mail.records import MailEventType, MailRecord, MailState
from tests.examples import NOW, VEGAN_WITHOUT_NUTS, registered

MINUTE = timedelta(minutes=1)
STORED = StoredData(registered(VEGAN_WITHOUT_NUTS), (), (), (), is_blocked=False)


def extract_of(stored: StoredData, event: Event) -> Any:
    """The extract, read from its JSON file."""
    return json.loads(as_json(extract(stored, event, NOW)))


def test_every_answer_is_in_words_under_the_name_of_its_list_column(event: Event) -> None:
    content = extract_of(STORED, event)["Anmälan"]
    assert list(content)[: len(columns(event))] == columns(event)
    assert content == {
        "Kod": "CDFH", "Namn": "Åsa Öström", "Organisation": "Kulturförvaltningen",
        "E-post": "asa@boras.example", "Lunch": "ja", "Fika": "ja", "Kost": "Veganskt",
        "Tål inte": "Nötter", "Inte ens spår av": "Nötter", "Allvarlig reaktion": "ja",
        "Anteckning": "Inte kiwi.", "Anmäld": "2027-05-20 10:00", "Ändrad": "2027-05-20 10:00",
        "Portion": "Vegansk + utan nötter (inte ens spår) + se anteckning",
        "Anteckningen framförd till köket": "nej", "Version": "1",
    }  # fmt: skip


def test_unanswered_questions_are_included(event: Event) -> None:
    answers = replace(
        VEGAN_WITHOUT_NUTS, email="", meals=("fika", "supé"), severe=False, note="=1+1"
    )
    content = extract_of(replace(STORED, registration=registered(answers)), event)["Anmälan"]
    assert (content["E-post"], content["Lunch"], content["Fika"]) == ("", "nej", "ja")
    assert content["Måltider som inte längre finns i programmet"] == "supé"
    assert content["Allvarlig reaktion"] == "nej"
    assert content["Anteckning"] == "=1+1", "no apostrophe: JSON has no formulas"


def test_every_mail_is_listed_with_its_time_and_outcome(event: Event) -> None:
    happened = {MailEventType.DELIVERY: NOW + 3 * MINUTE}
    content = extract_of(
        replace(
            STORED,
            mails=[
                MailRecord("r-2", MailKind.RECEIPT, dropped_at=NOW + MINUTE, reason="cap"),
                MailRecord("r-1", MailKind.RECEIPT, sent_at=NOW, events=happened),
            ],
            waiting=[OutboxMail("r-3", MailKind.RECEIPT, "asa@boras.example", NOW + 2 * MINUTE)],
            is_blocked=True,
        ),
        event,
    )
    receipt = "kvitto med länk till anmälan"
    assert content["Mejl"] == [
        {"När": "2027-05-20 10:00", "Mejl": receipt, "Läge": "levererat"},
        {"När": "2027-05-20 10:01", "Mejl": receipt, "Läge": "skickades inte"},
        {"När": "2027-05-20 10:02", "Mejl": receipt, "Läge": "väntar, till asa@boras.example"},
    ]
    assert content["Spärr mot fler mejl"] == "ja"
    assert extract_of(STORED, event)["Spärr mot fler mejl"] == "nej"


def test_every_state_of_a_mail_has_words(event: Event) -> None:
    event_types = [None, *MailEventType]
    records = [
        MailRecord(f"{one}", MailKind.RECEIPT, sent_at=NOW, events={one: NOW} if one else {})
        for one in event_types
    ]
    records += [
        MailRecord("failed", MailKind.RECEIPT, failed_at=NOW),
        MailRecord("dropped", MailKind.RECEIPT, dropped_at=NOW),
    ]
    assert {record.state for record in records} == set(MailState)
    content = extract_of(replace(STORED, mails=records), event)
    assert all(line["Läge"] for line in content["Mejl"])


def test_audit_entries_are_listed_without_contact_person_and_without_other_plate_codes(
    event: Event,
) -> None:
    contact = event.contacts[0].email
    entries = [
        AuditEntry(NOW, contact, AuditAction.SAW_ONE, "CDFH", "a"),
        AuditEntry(NOW + MINUTE, contact, AuditAction.SAW_DUPLICATES, "WXYV, CDFH", "b"),
    ]
    content = extract_of(replace(STORED, entries=entries), event)
    assert content["Vad kontaktpersonerna har gjort"] == [
        {"När": "2027-05-20 10:00", "Vad": "öppnade en anmälan"},
        {"När": "2027-05-20 10:01", "Vad": "jämförde möjliga dubbletter"},
    ]
    whole = str(content)
    assert contact not in whole
    assert "WXYV" not in whole


def test_the_information_that_article_15_requires_is_from_the_event_file(event: Event) -> None:
    whole = str(extract_of(STORED, event))
    privacy = event.privacy
    for text in (
        privacy.controller, privacy.dpo, privacy.legal_basis, privacy.legal_basis_sensitive,
        privacy.storage, f"{privacy.delete_after_days} dagar efter evenemanget",
        f"ytterligare högst {privacy.backup_days} dagar", "Integritetsskyddsmyndigheten",
        event.title, *(phone for contact in event.contacts for phone in contact.phones),
    ):  # fmt: skip
        assert text in whole
    one_day = replace(event, privacy=replace(privacy, delete_after_days=1, backup_days=1))
    assert "1 dag efter evenemanget" in str(extract_of(STORED, one_day))


def test_the_file_is_indented_json_with_plain_swedish_letters(event: Event) -> None:
    text = as_json(extract(STORED, event, NOW))
    assert '\n    "Namn": "Åsa Öström",\n' in text
    assert text.endswith("}\n")
