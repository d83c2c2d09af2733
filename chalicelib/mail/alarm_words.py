"""The texts of alarms: what is wrong with a mail and what to do about it."""

from chalicelib.mail.faults import Fault
from chalicelib.texts.language import N_

WORDS = {
    Fault.THROTTLED: N_("SES tar just nu emot färre mejl än vad som skickas."),
    Fault.SERVICE: N_("Det är ett fel i SES, AWS tjänst för mejl."),
    Fault.NETWORK: N_("SES, AWS tjänst för mejl, går inte att nå."),
    Fault.LIMIT: N_("Kontots gräns för hur många mejl som får skickas är nådd."),
    Fault.PAUSED: N_("Utskicken från kontot är pausade, av AWS eller av någon med behörighet."),
    Fault.SUSPENDED: N_("AWS har stängt av utskicken från kontot."),
    Fault.UNVERIFIED: N_("Avsändarens domän eller adress är inte verifierad i SES."),
    Fault.NOT_ALLOWED: N_(
        "Tjänsten saknar behörighet att skicka, eller så saknas en del av konfigurationen i SES."
    ),
    Fault.REJECTED: N_(
        "SES avvisade mejlet. Vanligast är att avsändaren inte är verifierad, eller "
        "att kontot är kvar i sandlådan i SES och mottagaren inte är verifierad."
    ),
    Fault.UNWRITABLE: N_(
        "Mejlet går inte att skriva: det är ett fel i Dukat eller i det som är lagrat."
    ),
    Fault.NO_BASE_URL: N_("Sidornas adress är inte lagrad, så mejlets länk går inte att skriva."),
    Fault.BAD_REQUEST: N_(
        "SES kan inte tolka mejlet. Vanligast är att mottagarens eller avsändarens "
        "adress är felskriven."
    ),
    Fault.IN_DOUBT: N_(
        "SES svarade inte, varken när mejlet skickades eller när det skickades om. "
        "Det kan ha kommit fram."
    ),
    Fault.OUT_OF_TRIES: N_("Mejlet gick inte att skicka under tre dygn."),
    Fault.BOUNCED: N_("Mottagarens e-postserver tog inte emot mejlet."),
    Fault.SOFT_BOUNCED: N_(
        "Mottagarens e-postserver kunde inte ta emot mejlet just då, till exempel "
        "för att brevlådan var full. Det kan också vara ett frånvarosvar."
    ),
    Fault.SUPPRESSED: N_(
        "Mottagarens adress finns på spärrlistan i SES, och därför skickades mejlet inte vidare."
    ),
    Fault.COMPLAINT: N_("Mejlet kom fram men anmäldes som skräppost."),
    Fault.DISCARDED: N_("SES tog emot mejlet men skickade det inte vidare."),
    Fault.UNCONFIRMED: N_("SES tog emot mejlet men har sedan inte sagt om det kom fram."),
    Fault.UNCOUNTABLE: N_(
        "Anmälningarna går inte att räkna: det är ett fel i Dukat eller i det som är lagrat."
    ),
    Fault.UNDELETED: N_(
        "Det som skulle raderas är inte raderat: det är ett fel i Dukat eller i det "
        "som är lagrat. Uppgifterna visas inte längre, men de finns kvar."
    ),
    Fault.USED_UP: N_(
        "Antingen är dygnets gräns på 1 000 kvittomejl nådd, eller så har för många av "
        "dem studsat eller anmälts som skräppost. Någon kan ha skickat in påhittade anmälningar."
    ),
    Fault.FILE_GONE: N_(
        "Evenemangets fil i chalicelib/events finns inte längre, men anmälningarna finns kvar. "
        "Sidorna svarar att evenemanget är okänt."
    ),
    Fault.FILE_WRONG: N_(
        "Evenemangets fil i chalicelib/events har ett fel, så sidorna går inte att visa."
    ),
    Fault.DAY_MOVED: N_(
        "Enligt evenemangets fil har dagen redan varit. Det kan vara ett felskrivet årtal."
    ),
}


_RETRYING = N_("Dukat fortsätter att försöka i tre dygn och skickar när felet är avhjälpt.")
_READ_THE_LOG = N_("Loggen säger var felet uppstod.")
_TELL_THE_NUMBERS = N_("Se till att mottagaren får siffrorna på annat sätt.")
_ASK_FOR_MORE = N_("Begär en högre gräns i SES.")
_ASK_THE_CONTACT = N_("Fråga mottagaren om mejlet har kommit.")
_READ_AWS_STATUS = N_("Se AWS driftinformation.")
_ANSWER_SES = N_("Läs meddelandet i SES-konsolen och svara på det.")
_FIX_THE_ADDRESS = N_(
    "Rätta adressen i evenemangets fil och kör make deploy. Se till att mottagaren får "
    "siffrorna på annat sätt: just det här mejlet skickas inte igen."
)
_BY_THE_COPY = N_(
    "Till dess följer Dukat den fil som gällde senast: sammanställning, mejl och radering sker som "
    "de skulle."
)
# The sentences of each remedy.
REMEDIES = {
    Fault.THROTTLED: (N_("Begär en högre gräns i SES om det håller i sig."), _RETRYING),
    Fault.SERVICE: (_READ_AWS_STATUS, _RETRYING),
    Fault.NETWORK: (_READ_AWS_STATUS, _RETRYING),
    Fault.LIMIT: (_ASK_FOR_MORE, _RETRYING),
    Fault.PAUSED: (_ANSWER_SES, _RETRYING),
    Fault.SUSPENDED: (_ANSWER_SES, _RETRYING),
    Fault.UNVERIFIED: (N_("Verifiera domänen i SES-konsolen."), _RETRYING),
    Fault.NOT_ALLOWED: (N_("Lägg till det som saknas, enligt docs/operations.md."), _RETRYING),
    Fault.REJECTED: (
        N_("Verifiera avsändaren, eller begär att få lämna sandlådan."),
        _RETRYING,
    ),
    Fault.UNWRITABLE: (_READ_THE_LOG, _RETRYING),
    Fault.NO_BASE_URL: (N_("Kör manage.py finish, som lagrar adressen."), _RETRYING),
    Fault.BAD_REQUEST: (
        N_(
            "Om avsändaren (MAIL_SENDER i .chalice/config.json) är fel: rätta den och kör make "
            "deploy."
        ),
        _RETRYING,
        N_(
            "Om mottagarens adress är fel: rätta den i evenemangets fil, och se till att "
            "mottagaren får de här siffrorna på annat sätt."
        ),
    ),
    Fault.IN_DOUBT: (_ASK_THE_CONTACT,),
    Fault.OUT_OF_TRIES: (_TELL_THE_NUMBERS,),
    Fault.BOUNCED: (_FIX_THE_ADDRESS,),
    Fault.SOFT_BOUNCED: (_ASK_THE_CONTACT,),
    Fault.SUPPRESSED: (
        N_("Om adressen är rätt: ta bort den från spärrlistan i SES-konsolen."),
        N_("Är den fel?"),
        _FIX_THE_ADDRESS,
    ),
    Fault.COMPLAINT: (N_("Be mottagaren att inte markera mejlen som skräppost."),),
    Fault.DISCARDED: (N_("Se SES-konsolen."), _TELL_THE_NUMBERS),
    Fault.UNCONFIRMED: (
        _ASK_THE_CONTACT,
        N_("Kontrollera att SES skickar händelser till tjänsten, enligt docs/operations.md."),
    ),
    Fault.UNCOUNTABLE: (
        _READ_THE_LOG,
        N_(
            "Inget mejl om specialkosten kan skickas förrän felet är avhjälpt; Dukat försöker "
            "varje minut."
        ),
    ),
    Fault.UNDELETED: (
        _READ_THE_LOG,
        N_(
            "Dukat försöker varje minut och går vidare där det stannade. Säg till "
            "dataskyddsombudet om det drar ut på tiden."
        ),
    ),
    Fault.USED_UP: (
        N_(
            "Se efter i listan på kontaktpersonernas sidor. Anmälan är öppen som vanligt, "
            "kvittosidan säger allt som kvittomejlet skulle ha sagt, och inga andra mejl påverkas. "
            "Nya kvittomejl skickas efter nästa midnatt i tidszonen UTC."
        ),
    ),
    Fault.FILE_GONE: (N_("Lägg tillbaka filen och kör make deploy."), _BY_THE_COPY),
    Fault.FILE_WRONG: (N_("Kör make doctor, som säger vad som är fel i filen."), _BY_THE_COPY),
    Fault.DAY_MOVED: (
        N_(
            "Rätta dagen och kör make deploy. Ett dygn efter att dagen flyttades raderas "
            "anmälningarna enligt den nya dagen; till dess gäller den gamla."
        ),
    ),
}


# What happened to the mail of an alarm, for faults other than that the mail did not get through.
_OUTCOMES = {
    Fault.IN_DOUBT: N_("har kanske inte kommit fram"),
    Fault.SOFT_BOUNCED: N_("har kanske inte kommit fram"),
    Fault.UNCONFIRMED: N_("har kanske inte kommit fram"),
    Fault.COMPLAINT: N_("har anmälts som skräppost"),
    Fault.UNCOUNTABLE: N_("går inte att göra"),
    Fault.UNDELETED: N_("går inte att göra"),
    Fault.USED_UP: N_("är stoppade för i dag"),
    **dict.fromkeys(
        (Fault.FILE_GONE, Fault.FILE_WRONG, Fault.DAY_MOVED), N_("bygger på en äldre fil")
    ),
}


def outcome_in_words(fault: Fault, *, going_on: bool) -> str:
    """What happened to a mail: the end of the sentence that begins with one of MAILED_THINGS."""
    otherwise = N_("har inte gått att skicka") if going_on else N_("nådde inte fram")
    return _OUTCOMES.get(fault, otherwise)
