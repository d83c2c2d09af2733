"""Checks of event.toml: the event, addresses that were never filled in, the privacy notice."""

import re

from chalicelib.event.event import Event
from chalicelib.event.legal_statements import Privacy
from chalicelib.texts.dates import format_iso_days
from chalicelib.texts.language import Bilingual
from management.doctor.facts import CheckFailed, StageFacts

# Domains reserved for documentation and tests (RFC 2606), at the end of an address.
_PLACEHOLDER_DOMAIN = re.compile(
    r"[@.](?:example(?:\.(?:com|net|org))?|test|invalid|localhost)(?![.-]?[\w@])", re.IGNORECASE
)
_PLACEHOLDER_TEXT = re.compile(
    r"\[[^\]]*\]|<[^>]*>|\?{3}|\.{4,}|_{3,}|\b(?:TODO|XXX|FYLL I)\b", re.IGNORECASE
)


def check_event_file(deployed: StageFacts) -> str:
    """Always passes and names the event: an invalid file stops the command before the checks."""
    event = deployed.event
    return f"{event.title}, {format_iso_days(event.days)}, {len(event.contacts)} contact persons"


def check_addresses(deployed: StageFacts) -> str:
    """No mail address is a placeholder."""
    found = placeholder_addresses(deployed.event, deployed.stage.sender)
    if found:
        raise CheckFailed(
            f"placeholders: {', '.join(found)}",
            "Enter the real addresses in chalicelib/event.toml and .chalice/config.json.",
        )
    return "no address is a placeholder"


def placeholder_addresses(event: Event, sender: str) -> list[str]:
    """The settings whose mail address has a domain that can't receive mail."""
    addresses = {
        "MAIL_SENDER": sender,
        "operator": event.operator,
        **{f"contact person {n}": c.email for n, c in enumerate(event.contacts, 1)},
        "[privacy] controller_email": event.privacy.controller_email,
        "[privacy] officer_email": event.privacy.dpo_email,
        "[accessibility] contact": event.accessibility.contact if event.accessibility else "",
    }
    return [name for name, text in addresses.items() if _PLACEHOLDER_DOMAIN.search(text)]


def check_privacy_notice(deployed: StageFacts) -> str:
    """No text of the privacy notice is a placeholder."""
    privacy = deployed.event.privacy
    unfilled = [
        f"{name}{ending}"
        for name, text in _texts_of_the_controller(privacy).items()
        for ending, words in (("", str(text)), ("_en", _translation(text)))
        if _PLACEHOLDER_TEXT.search(words)
    ]
    if unfilled:
        raise CheckFailed(
            f"not filled in: {', '.join(unfilled)}",
            "Correct [privacy] in chalicelib/event.toml, with the data protection officer.",
        )
    return (
        f"{privacy.controller}; personal data are kept through "
        f"{privacy.stored_through(deployed.event.last_date)}"
    )


def _texts_of_the_controller(privacy: Privacy) -> dict[str, str]:
    """The texts of the privacy notice that the controller writes, by their keys in event.toml."""
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
