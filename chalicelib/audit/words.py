"""Swedish words for the actions in the audit log."""

from __future__ import annotations

from chalicelib.audit.log import AuditAction

AUDIT_ACTIONS = {
    AuditAction.LOGGED_IN: "loggade in",
    AuditAction.LOGGED_OUT: "loggade ut",
    AuditAction.SAW_LIST: "såg listan",
    AuditAction.SEARCHED: "sökte i listan",
    AuditAction.SAW_ONE: "såg en anmälan",
    AuditAction.SAW_DUPLICATES: "såg dubbletter",
    AuditAction.ADDED: "lade till en anmälan",
    AuditAction.CORRECTED: "ändrade en anmälan",
    AuditAction.READDRESSED: "ändrade e-postadressen i en anmälan",
    AuditAction.ENDED_LINKS: "avslutade länkarna till en anmälan",
    AuditAction.REMOVED: "tog bort en anmälan",
    AuditAction.REMOVED_AND_BLOCKED: "tog bort en anmälan och spärrade adressen",
    AuditAction.UNBLOCKED: "hävde spärren för en adress",
    AuditAction.UNBLOCKED_GROUP: "hävde spärrarna från en viss tid",
    AuditAction.SAW_SELECTION: "såg vilka som valts ut för att tas bort",
    AuditAction.SAW_EXTRACT: "öppnade ett registerutdrag",
    AuditAction.TOOK_EXTRACT: "hämtade ett registerutdrag som fil",
    AuditAction.SENT_AGAIN: "skickade sammanställningen igen",
    AuditAction.CLOSED: "stängde anmälan",
    AuditAction.REOPENED: "ändrade sista tiden",
    AuditAction.TOOK_XLSX: "hämtade listan för Excel",
    AuditAction.TOOK_CSV: "hämtade listan som CSV",
    AuditAction.PRINTED_LABELS: "öppnade etiketterna",
    AuditAction.PRINTED_ATTENDANCE: "öppnade listan med koder och namn",
    AuditAction.PRINTED_NOTES: "öppnade anteckningarna",
    AuditAction.PASSED_ON: "framförde anteckningar till köket",
    AuditAction.NOT_PASSED_ON: "tog tillbaka att anteckningar är framförda",
}
