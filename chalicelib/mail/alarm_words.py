"""The texts of alarms: what is wrong with a mail and what to do about it, in Swedish."""

from chalicelib.mail.faults import Fault

WORDS = {
    Fault.THROTTLED: "SES tar just nu emot färre mejl än vad som skickas.",
    Fault.SERVICE: "Det är ett fel i SES, AWS tjänst för mejl.",
    Fault.NETWORK: "SES, AWS tjänst för mejl, går inte att nå.",
    Fault.LIMIT: "Kontots gräns för hur många mejl som får skickas är nådd.",
    Fault.PAUSED: "Utskicken från kontot är pausade, av AWS eller av någon med behörighet.",
    Fault.SUSPENDED: "AWS har stängt av utskicken från kontot.",
    Fault.UNVERIFIED: "Avsändarens domän eller adress är inte verifierad i SES.",
    Fault.NOT_ALLOWED: "Tjänsten saknar behörighet att skicka, eller så saknas en del av "
    "konfigurationen i SES.",
    Fault.REJECTED: "SES avvisade mejlet. Vanligast är att avsändaren inte är verifierad, eller "
    "att kontot är kvar i sandlådan i SES och mottagaren inte är verifierad.",
    Fault.UNWRITABLE: "Mejlet går inte att skriva: det är ett fel i Dukat eller i det som är "
    "lagrat.",
    Fault.NO_BASE_URL: "Sidornas adress är inte lagrad, så mejlets länk går inte att skriva.",
    Fault.BAD_REQUEST: "SES kan inte tolka mejlet. Vanligast är att mottagarens eller avsändarens "
    "adress är felskriven.",
    Fault.IN_DOUBT: "SES svarade inte, varken när mejlet skickades eller när det skickades om. "
    "Det kan ha kommit fram.",
    Fault.OUT_OF_TRIES: "Mejlet gick inte att skicka under tre dygn.",
    Fault.BOUNCED: "Mottagarens e-postserver tog inte emot mejlet.",
    Fault.SOFT_BOUNCED: "Mottagarens e-postserver kunde inte ta emot mejlet just då, till exempel "
    "för att brevlådan var full. Det kan också vara ett frånvarosvar.",
    Fault.SUPPRESSED: "Mottagarens adress finns på spärrlistan i SES, och därför skickades mejlet "
    "inte vidare.",
    Fault.COMPLAINT: "Mejlet kom fram men anmäldes som skräppost.",
    Fault.DISCARDED: "SES tog emot mejlet men skickade det inte vidare.",
    Fault.UNCONFIRMED: "SES tog emot mejlet men har sedan inte sagt om det kom fram.",
    Fault.UNCOUNTABLE: "Anmälningarna går inte att räkna: det är ett fel i Dukat eller i det som "
    "är lagrat.",
    Fault.UNDELETED: "Det som skulle raderas är inte raderat: det är ett fel i Dukat eller i det "
    "som är lagrat. Uppgifterna visas inte längre, men de finns kvar.",
    Fault.USED_UP: "Antingen är dygnets gräns på 1 000 kvittomejl nådd, eller så har för många av "
    "dem studsat eller anmälts som skräppost. Någon kan ha skickat in påhittade anmälningar.",
    Fault.FILE_GONE: "Evenemangets fil i chalicelib/events finns inte längre, men anmälningarna "
    "finns kvar. Sidorna svarar att evenemanget är okänt.",
    Fault.FILE_WRONG: "Evenemangets fil i chalicelib/events har ett fel, så sidorna går inte att "
    "visa.",
    Fault.DAY_MOVED: "Enligt evenemangets fil har dagen redan varit. Det kan vara ett felskrivet "
    "årtal.",
}


_FIX_THE_ADDRESS = (
    "Rätta adressen i evenemangets fil och kör make deploy. Se till att kontaktpersonen "
    "får siffrorna på annat sätt: just det här mejlet skickas inte igen."
)


_RETRYING = "Dukat fortsätter att försöka i tre dygn och skickar när felet är avhjälpt."


_READ_THE_LOG = "Loggen säger var felet uppstod."


_BY_THE_COPY = (
    "Till dess följer Dukat den fil som gällde senast: sammanställning, mejl och radering sker som "
    "de skulle."
)


REMEDIES = {
    Fault.THROTTLED: f"Begär en högre gräns i SES om det håller i sig. {_RETRYING}",
    Fault.SERVICE: f"Se AWS driftinformation. {_RETRYING}",
    Fault.NETWORK: f"Se AWS driftinformation. {_RETRYING}",
    Fault.LIMIT: f"Begär en högre gräns i SES. {_RETRYING}",
    Fault.PAUSED: f"Läs meddelandet i SES-konsolen och svara på det. {_RETRYING}",
    Fault.SUSPENDED: f"Läs meddelandet i SES-konsolen och svara på det. {_RETRYING}",
    Fault.UNVERIFIED: f"Verifiera domänen i SES-konsolen. {_RETRYING}",
    Fault.NOT_ALLOWED: f"Lägg till det som saknas, enligt docs/operations.md. {_RETRYING}",
    Fault.REJECTED: f"Verifiera avsändaren, eller begär att få lämna sandlådan. {_RETRYING}",
    Fault.UNWRITABLE: f"{_READ_THE_LOG} {_RETRYING}",
    Fault.NO_BASE_URL: f"Kör manage.py finish, som lagrar adressen. {_RETRYING}",
    Fault.BAD_REQUEST: "Om avsändaren (MAIL_SENDER i .chalice/config.json) är fel: rätta den och "
    f"kör make deploy. {_RETRYING} Om mottagarens adress är fel: rätta den i "
    "evenemangets fil, och se till att kontaktpersonen får de här siffrorna på annat sätt.",
    Fault.IN_DOUBT: "Fråga kontaktpersonen om mejlet har kommit.",
    Fault.OUT_OF_TRIES: "Se till att kontaktpersonen får siffrorna på annat sätt.",
    Fault.BOUNCED: _FIX_THE_ADDRESS,
    Fault.SOFT_BOUNCED: "Fråga kontaktpersonen om mejlet har kommit.",
    Fault.SUPPRESSED: "Om adressen är rätt: ta bort den från spärrlistan i SES-konsolen. Om den är "
    f"fel: {_FIX_THE_ADDRESS[0].lower()}{_FIX_THE_ADDRESS[1:]}",
    Fault.COMPLAINT: "Be kontaktpersonen att inte markera mejlen som skräppost.",
    Fault.DISCARDED: "Se SES-konsolen. Se till att kontaktpersonen får siffrorna på annat sätt.",
    Fault.UNCONFIRMED: "Fråga kontaktpersonen om mejlet har kommit. Kontrollera att SES skickar "
    "händelser till tjänsten, enligt docs/operations.md.",
    Fault.UNCOUNTABLE: f"{_READ_THE_LOG} Inget mejl om specialkosten kan skickas förrän felet är "
    "avhjälpt; Dukat försöker varje minut.",
    Fault.UNDELETED: f"{_READ_THE_LOG} Dukat försöker varje minut och går vidare där det stannade. "
    "Säg till dataskyddsombudet om det drar ut på tiden.",
    Fault.USED_UP: "Se efter i listan på kontaktpersonernas sidor. Anmälan är öppen som vanligt, "
    "kvittosidan säger allt som kvittomejlet skulle ha sagt, och inga andra mejl påverkas. Nya "
    "kvittomejl skickas från kl. 2 i natt, på vintern kl. 1.",
    Fault.FILE_GONE: f"Lägg tillbaka filen och kör make deploy. {_BY_THE_COPY}",
    Fault.FILE_WRONG: f"Kör make doctor, som säger vad som är fel i filen. {_BY_THE_COPY}",
    Fault.DAY_MOVED: "Rätta dagen och kör make deploy. Ett dygn efter att dagen flyttades raderas "
    "anmälningarna enligt den nya dagen; till dess gäller den gamla.",
}


# What happened to the mail of an alarm, for faults other than that the mail did not get through.
_OUTCOMES = {
    Fault.IN_DOUBT: "har kanske inte kommit fram",
    Fault.SOFT_BOUNCED: "har kanske inte kommit fram",
    Fault.UNCONFIRMED: "har kanske inte kommit fram",
    Fault.COMPLAINT: "har anmälts som skräppost",
    Fault.UNCOUNTABLE: "går inte att göra",
    Fault.UNDELETED: "går inte att göra",
    Fault.USED_UP: "är stoppade för i dag",
    **dict.fromkeys((Fault.FILE_GONE, Fault.FILE_WRONG, Fault.DAY_MOVED), "bygger på en äldre fil"),
}


def outcome_in_words(fault: Fault, *, going_on: bool) -> str:
    """What happened to a mail: the end of the sentence that begins with one of MAILED_THINGS."""
    otherwise = "har inte gått att skicka" if going_on else "nådde inte fram"
    return _OUTCOMES.get(fault, otherwise)
