"""The content of a mail, and how it is rendered from templates."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chalicelib.mail.outbox import OutboxMail
from chalicelib.texts.typography import unbroken


@dataclass(frozen=True)
class Attachment:
    """A text file attached to a mail; `content` is in UTF-8."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Letter:
    """The content of a mail: a subject, and the same text as plain text and as HTML."""

    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()
    reply_to: str = ""
    sender_name: str = ""  # instead of the name that all other mails come from


# Called only once the mail is leased, since writing the letter changes the table.
Composer = Callable[[OutboxMail], Letter]


class NotWanted(Exception):
    """The mail must not be sent any more; the text is the reason, without personal data."""


class NotYet(Exception):
    """The mail must wait; it stays in the outbox as it is. The text is the reason."""


def render_letter(kind: str, language: str, **values: object) -> Letter:
    """Render the letter from the templates in `mails/<kind>`, in this language."""
    return Letter(
        subject=" ".join(_render(kind, "subject.txt", language, values).split()),
        text=render_text(kind, language, **values),
        html=_render(kind, "body.html", language, values),
    )


def render_text(kind: str, language: str, **values: object) -> str:
    """Render only the plain text of a letter."""
    return _render(kind, "body.txt", language, values).strip() + "\n"


def _render(kind: str, part: str, language: str, values: Mapping[str, object]) -> str:
    from chalicelib.texts.rendering import environment

    text: str = environment(language).get_template(f"mails/{kind}/{part}").render(values)
    return unbroken(text) if part.endswith(".html") else text
