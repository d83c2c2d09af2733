"""The words for the actions in the audit log."""

from __future__ import annotations

from chalicelib.audit.log import EVERYBODY, AuditAction
from chalicelib.texts.language import N_, translated

AUDIT_ACTIONS = {
    AuditAction.LOGGED_IN: N_("loggade in"),
    AuditAction.LOGGED_OUT: N_("loggade ut"),
    AuditAction.SAW_LIST: N_("såg listan"),
    AuditAction.SEARCHED: N_("sökte i listan"),
    AuditAction.SAW_ONE: N_("såg en anmälan"),
    AuditAction.SAW_DUPLICATES: N_("såg dubbletter"),
    AuditAction.ADDED: N_("lade till en anmälan"),
    AuditAction.CORRECTED: N_("ändrade en anmälan"),
    AuditAction.READDRESSED: N_("ändrade e-postadressen i en anmälan"),
    AuditAction.ENDED_LINKS: N_("avslutade länkarna till en anmälan"),
    AuditAction.REMOVED: N_("tog bort en anmälan"),
    AuditAction.REMOVED_AND_BLOCKED: N_("tog bort en anmälan och spärrade adressen"),
    AuditAction.UNBLOCKED: N_("hävde spärren för en adress"),
    AuditAction.UNBLOCKED_GROUP: N_("hävde spärrarna från en viss tid"),
    AuditAction.SAW_SELECTION: N_("såg vilka som valts ut för att tas bort"),
    AuditAction.SAW_EXTRACT: N_("öppnade ett registerutdrag"),
    AuditAction.TOOK_EXTRACT: N_("hämtade ett registerutdrag som fil"),
    AuditAction.SENT_AGAIN: N_("skickade sammanställningen igen"),
    AuditAction.SENT_RECEIPT: N_("skickade ett kvitto igen"),
    AuditAction.CLOSED: N_("stängde anmälan"),
    AuditAction.REOPENED: N_("ändrade sista anmälningstid"),
    AuditAction.TOOK_XLSX: N_("hämtade listan för Excel"),
    AuditAction.TOOK_CSV: N_("hämtade listan som CSV"),
    AuditAction.PRINTED_LABELS: N_("öppnade etiketterna"),
    AuditAction.PRINTED_ATTENDANCE: N_("öppnade listan med koder och namn"),
    AuditAction.PRINTED_NOTES: N_("öppnade anteckningarna"),
    AuditAction.PASSED_ON: N_("framförde anteckningar till köket"),
    AuditAction.NOT_PASSED_ON: N_("tog tillbaka att anteckningar är framförda"),
    AuditAction.CHANGED_PROGRAMME: N_("ändrade programmet"),
}


def about_in_words(about: str, language: str) -> str:
    """What an entry is about, with the word for everybody in `language`."""
    codes, colon, details = about.partition(":")
    return translated(N_("alla"), language) + colon + details if codes == EVERYBODY else about
