"""The words for the actions in the audit log."""

from __future__ import annotations

from chalicelib.audit.log import EVERYBODY, AuditAction, AuditEntry
from chalicelib.texts.language import N_, translated

AUDIT_ACTIONS = {
    AuditAction.LOGGED_IN: N_("loggade in"),
    AuditAction.LOGGED_OUT: N_("loggade ut"),
    AuditAction.SAW_LIST: N_("tittade på de anmälda"),
    AuditAction.SEARCHED: N_("sökte bland de anmälda"),
    AuditAction.SAW_ONE: N_("öppnade en anmälan"),
    AuditAction.SAW_DUPLICATES: N_("jämförde möjliga dubbletter"),
    AuditAction.ADDED: N_("lade till en anmälan"),
    AuditAction.CORRECTED: N_("ändrade en anmälan"),
    AuditAction.READDRESSED: N_("ändrade e-postadressen i en anmälan"),
    AuditAction.ENDED_LINKS: N_("avslutade de privata länkarna till en anmälan"),
    AuditAction.REMOVED: N_("tog bort en anmälan"),
    AuditAction.REMOVED_AND_BLOCKED: N_("tog bort en anmälan och spärrade adressen"),
    AuditAction.UNBLOCKED: N_("hävde spärren för en adress"),
    AuditAction.UNBLOCKED_GROUP: N_("hävde spärrarna från en viss tid"),
    AuditAction.SAW_SELECTION: N_("tittade på anmälningar att ta bort"),
    AuditAction.SAW_EXTRACT: N_("öppnade ett registerutdrag"),
    AuditAction.TOOK_EXTRACT: N_("hämtade ett registerutdrag som fil"),
    AuditAction.SENT_AGAIN: N_("skickade sammanställningen igen"),
    AuditAction.SENT_RECEIPT: N_("skickade ett kvitto igen"),
    AuditAction.CLOSED: N_("stängde anmälan"),
    AuditAction.REOPENED: N_("ändrade sista anmälningstid"),
    AuditAction.TOOK_XLSX: N_("hämtade alla anmälda som Excel-fil"),
    AuditAction.TOOK_CSV: N_("hämtade alla anmälda som CSV-fil"),
    AuditAction.PRINTED_LABELS: N_("öppnade etiketterna"),
    AuditAction.PRINTED_ATTENDANCE: N_("öppnade listan med koder och namn"),
    AuditAction.PRINTED_NOTES: N_("öppnade anteckningarna"),
    AuditAction.PASSED_ON: N_("kryssade för att köket har fått veta anteckningar"),
    AuditAction.NOT_PASSED_ON: N_("tog bort krysset för att köket har fått veta anteckningar"),
    AuditAction.CHANGED_PROGRAMME: N_("ändrade programmet"),
}


def subject_in_words(entry: AuditEntry, language: str) -> str:
    """Whom or what an entry is about, without its details: plate codes, everybody, a version."""
    words = ", ".join(entry.codes)
    if words == EVERYBODY:
        return translated(N_("alla"), language)
    if entry.action is AuditAction.SENT_AGAIN:
        return translated(N_("version %(version)s"), language, version=words)
    return words
