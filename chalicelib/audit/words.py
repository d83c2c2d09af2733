"""What was done at the desk, as the audit log says it."""

from __future__ import annotations

from chalicelib.audit.log import Deed

# What was done at the desk, as the access log says it.
DEEDS = {
    Deed.CAME_IN: "loggade in",
    Deed.LEFT: "loggade ut",
    Deed.SAW_LIST: "såg listan",
    Deed.SEARCHED: "sökte i listan",
    Deed.SAW_ONE: "såg en anmälan",
    Deed.SAW_DOUBLES: "såg dubbletter",
    Deed.ADDED: "lade till en anmälan",
    Deed.CORRECTED: "ändrade en anmälan",
    Deed.REMOVED: "tog bort en anmälan",
    Deed.REMOVED_AND_BLOCKED: "tog bort en anmälan och spärrade adressen",
    Deed.UNBLOCKED: "hävde spärren för en adress",
    Deed.SAW_CHOSEN: "såg vilka som valts ut för att tas bort",
    Deed.SAW_EXTRACT: "öppnade ett registerutdrag",
    Deed.TOOK_EXTRACT: "hämtade ett registerutdrag som fil",
    Deed.SENT_AGAIN: "skickade sammanställningen igen",
    Deed.CLOSED: "stängde anmälan",
    Deed.REOPENED: "ändrade sista tiden",
    Deed.TOOK_XLSX: "hämtade listan för Excel",
    Deed.TOOK_CSV: "hämtade listan som CSV",
    Deed.PRINTED_LABELS: "öppnade etiketterna",
    Deed.PRINTED_ATTENDANCE: "öppnade listan över koder",
}
