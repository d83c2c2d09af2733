"""Checks of the events' files: addresses that were never filled in, the privacy notices."""

import re
from collections.abc import Mapping

import phonenumbers

from chalicelib.event.event import Event
from chalicelib.event.legal_statements import Privacy
from chalicelib.event.phone import dialled
from chalicelib.texts.dates import format_iso_days
from chalicelib.texts.language import Bilingual
from management.doctor.facts import CheckFailed, StageFacts
from management.files.left_to_do import left_to_do

# Domains reserved for documentation and tests (RFC 2606), at the end of an address.
_PLACEHOLDER_DOMAIN = re.compile(
    r"[@.](?:example(?:\.(?:com|net|org))?|test|invalid|localhost)(?![.-]?[\w@])", re.IGNORECASE
)
_PEOPLE = ("contact person", "receiver")
_PLACEHOLDER_TEXT = re.compile(
    r"\[[^\]]*\]|<[^>]*>|\?{3}|\.{4,}|_{3,}|\b(?:TODO|XXX|FYLL I)\b", re.IGNORECASE
)


def check_event_files(deployed: StageFacts) -> str:
    """Always passes and names the events: a wrong file stops the command before the checks."""
    return "; ".join(
        f"{event.id}: {event.title}, {format_iso_days(event.days)}, "
        f"{len(event.contacts)} contact persons, {len(event.receivers)} receivers"
        f"{'' if event.published else ', not published'}"
        for event in deployed.events.all()
    )


def check_addresses(deployed: StageFacts) -> str:
    """No mail address is a placeholder, except contact persons' and receivers' of hidden events."""
    found = placeholders({"MAIL_SENDER": deployed.stage.sender})
    for event in deployed.events.all():
        found += [
            f"{event.id}: {name}"
            for name in placeholder_addresses(event)
            if event.published or not name.startswith(_PEOPLE)
        ]
    if found:
        raise CheckFailed(
            f"placeholders: {', '.join(found)}",
            "Enter the real addresses in chalicelib/organisation.toml, chalicelib/events and "
            ".chalice/config.json.",
        )
    return "no address is a placeholder"


def check_left_to_do(deployed: StageFacts) -> str:
    """No published event's file says that something is left to do; of others, what it is."""
    left = [
        (event, left_to_do(deployed.events.source(event.id).text))
        for event in deployed.events.all()
    ]
    wrong = [f"{event.id}: {one}" for event, todo in left if event.published for one in todo]
    if wrong:
        raise CheckFailed(
            f"{len(wrong)} marks TODO are left",
            "\n".join([*wrong, "Do it and remove the mark, or set published = false."]),
        )
    drafts = [
        f"{event.id}, not published: {len(todo)} left to do: {'; '.join(todo)}"
        for event, todo in left
        if todo
    ]
    return "; ".join(drafts) or "nothing is left to do in the events' files"


def placeholder_addresses(event: Event) -> list[str]:
    """The keys of the event's file whose mail address has a domain that can't receive mail."""
    addresses = {
        "operator": event.operator,
        **{f"contact person {n}": c.email for n, c in enumerate(event.contacts, 1)},
        **{f"receiver {n}": one.email for n, one in enumerate(event.receivers, 1)},
        "[privacy] controller_email": event.privacy.controller_email,
        "[privacy] officer_email": event.privacy.dpo_email,
        "[accessibility] contact": event.accessibility.contact if event.accessibility else "",
    }
    return placeholders(addresses)


def placeholders(addresses: Mapping[str, str]) -> list[str]:
    """The names of the addresses whose domain can't receive mail."""
    return [name for name, text in addresses.items() if _PLACEHOLDER_DOMAIN.search(text)]


def check_phones(deployed: StageFacts) -> str:
    """The contact persons' phone numbers are numbers that their countries' plans have."""
    wrong = [
        f"{event.id}: contact person {number}: {phone}"
        for event in deployed.events.all()
        for number, contact in enumerate(event.contacts, 1)
        for phone in contact.phones
        if not _is_assigned(dialled(phone, event.country))
    ]
    if wrong:
        raise CheckFailed(
            f"no such phone number: {', '.join(wrong)}",
            "Correct phones in chalicelib/organisation.toml or the event's file, or country in "
            "[event].",
        )
    return "every phone number is one of its country's"


def _is_assigned(number: str) -> bool:
    """Whether a country's numbering plan has this number, in international form."""
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False


def check_privacy_notice(deployed: StageFacts) -> str:
    """No text of the privacy notices is a placeholder."""
    events = deployed.events.all()
    unfilled = [
        f"{event.id}: {name}{ending}"
        for event in events
        for name, text in _texts_of_the_controller(event.privacy).items()
        for ending, words in (("", str(text)), ("_en", _translation(text)))
        if _PLACEHOLDER_TEXT.search(words)
    ]
    if unfilled:
        raise CheckFailed(
            f"not filled in: {', '.join(unfilled)}",
            "Correct [privacy] in chalicelib/organisation.toml or the event's file, with the data "
            "protection officer.",
        )
    return "; ".join(
        f"{event.id}: {event.privacy.controller}; personal data are kept through "
        f"{event.privacy.stored_through(event.last_date)}"
        for event in events
    )


def _texts_of_the_controller(privacy: Privacy) -> dict[str, str]:
    """The texts of the privacy notice that the controller writes, by their keys in the file."""
    return {
        "controller": privacy.controller,
        "officer": privacy.dpo,
        "legal_basis": privacy.legal_basis,
        "legal_basis_sensitive": privacy.legal_basis_sensitive,
        "storage": privacy.storage,
        "supervisor": privacy.supervisor,
        "public_records": privacy.public_records,
        "disposal_decision": privacy.disposal_decision,
        **{f"recipients[{number}]": text for number, text in enumerate(privacy.recipients, 1)},
    }


def _translation(text: str) -> str:
    return text.translation if isinstance(text, Bilingual) else ""
