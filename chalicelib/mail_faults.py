"""What can go wrong with a mail: whether to try again, and in words for who can mend it."""

from enum import StrEnum


class Fault(StrEnum):
    """Why a mail was not taken, or did not arrive."""

    THROTTLED = "throttled"
    SERVICE = "service_error"
    NETWORK = "network"
    LIMIT = "limit_exceeded"
    PAUSED = "sending_paused"
    SUSPENDED = "account_suspended"
    UNVERIFIED = "sender_not_verified"
    NOT_ALLOWED = "not_allowed"
    REJECTED = "message_rejected"
    BAD_REQUEST = "bad_request"
    IN_DOUBT = "in_doubt"
    OUT_OF_TRIES = "out_of_tries"
    BOUNCED = "bounced"
    SUPPRESSED = "suppressed"
    COMPLAINT = "complaint"
    DISCARDED = "discarded"


# They pass by themselves; an alarm is raised only if they last.
TRANSIENT = frozenset({Fault.THROTTLED, Fault.SERVICE, Fault.NETWORK})
# They hit every mail of the account until somebody mends it.
OF_THE_ACCOUNT = frozenset(
    {Fault.LIMIT, Fault.PAUSED, Fault.SUSPENDED, Fault.UNVERIFIED, Fault.NOT_ALLOWED}
)
# Whatever is mended, this very mail will not be taken.
FINAL = frozenset({Fault.BAD_REQUEST, Fault.IN_DOUBT, Fault.OUT_OF_TRIES})

WORDS = {
    Fault.THROTTLED: "SES tar just nu emot färre mejl än vad som skickas.",
    Fault.SERVICE: "Det är ett fel i SES, AWS tjänst för mejl.",
    Fault.NETWORK: "SES, AWS tjänst för mejl, går inte att nå.",
    Fault.LIMIT: "Kontots gräns för hur många mejl som får skickas är nådd.",
    Fault.PAUSED: "AWS eller någon med behörighet har pausat kontots mejl.",
    Fault.SUSPENDED: "AWS har stängt av kontots mejl.",
    Fault.UNVERIFIED: "Avsändarens domän eller adress är inte verifierad i SES.",
    Fault.NOT_ALLOWED: "Tjänsten saknar behörighet att skicka, eller så saknas en del av "
    "uppsättningen i SES.",
    Fault.REJECTED: "SES avvisade mejlet. Vanligast är att avsändaren inte är verifierad, eller "
    "att kontot är kvar i SES sandlåda och mottagaren inte är verifierad.",
    Fault.BAD_REQUEST: "SES kan inte tolka mottagarens adress.",
    Fault.IN_DOUBT: "SES svarade inte, varken när mejlet skickades eller när det skickades om. "
    "Det kan ha kommit fram.",
    Fault.OUT_OF_TRIES: "Mejlet gick inte att skicka på tre dygn.",
    Fault.BOUNCED: "Mottagarens e-postserver tog inte emot mejlet.",
    Fault.SUPPRESSED: "Mottagarens adress finns på SES spärrlista, och därför skickades mejlet "
    "inte vidare.",
    Fault.COMPLAINT: "Mejlet kom fram men anmäldes som skräppost.",
    Fault.DISCARDED: "SES tog emot mejlet men skickade det inte vidare.",
}

_MEND_THE_ADDRESS = (
    "Rätta adressen i chalicelib/event.toml och kör chalice deploy. Se till att kontaktpersonen "
    "får siffrorna på annat sätt: just det här mejlet skickas inte igen."
)
_IT_GOES_ON = "Dukat fortsätter att försöka i tre dygn. Mejlet går iväg när felet är avhjälpt."

REMEDIES = {
    Fault.THROTTLED: f"Begär en högre gräns i SES om det håller i sig. {_IT_GOES_ON}",
    Fault.SERVICE: f"Se AWS driftinformation. {_IT_GOES_ON}",
    Fault.NETWORK: f"Se AWS driftinformation. {_IT_GOES_ON}",
    Fault.LIMIT: f"Begär en högre gräns i SES. {_IT_GOES_ON}",
    Fault.PAUSED: f"Se meddelandet i SES konsol och svara på det. {_IT_GOES_ON}",
    Fault.SUSPENDED: f"Se meddelandet i SES konsol och svara på det. {_IT_GOES_ON}",
    Fault.UNVERIFIED: f"Verifiera domänen i SES konsol. {_IT_GOES_ON}",
    Fault.NOT_ALLOWED: f"Sätt upp det som saknas, enligt docs/operations.md. {_IT_GOES_ON}",
    Fault.REJECTED: f"Verifiera avsändaren, eller begär att få lämna sandlådan. {_IT_GOES_ON}",
    Fault.BAD_REQUEST: _MEND_THE_ADDRESS,
    Fault.IN_DOUBT: "Fråga kontaktpersonen om mejlet har kommit.",
    Fault.OUT_OF_TRIES: "Se till att kontaktpersonen får siffrorna på annat sätt.",
    Fault.BOUNCED: _MEND_THE_ADDRESS,
    Fault.SUPPRESSED: "Är adressen rätt: ta bort den från spärrlistan i SES konsol. Är den fel: "
    f"{_MEND_THE_ADDRESS[0].lower()}{_MEND_THE_ADDRESS[1:]}",
    Fault.COMPLAINT: "Be kontaktpersonen att inte markera mejlen som skräppost, och ta bort "
    "adressen från spärrlistan i SES konsol.",
    Fault.DISCARDED: "Se SES konsol. Se till att kontaktpersonen får siffrorna på annat sätt.",
}
