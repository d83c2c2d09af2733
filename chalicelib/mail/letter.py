"""A mail as it is written, and rendering one from its templates."""

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.mail.outbox import OutboxMail


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Letter:
    """A mail as it is written: a subject, and the same content as plain text and as HTML."""

    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()
    reply_to: str = ""


# Writes a letter once its mail is leased, since writing it changes the table.
Writer = Callable[[OutboxMail], Letter]


class NotWanted(Exception):
    """The mail must not be sent any more; the text is the reason and holds no personal data."""


def render_letter(kind: str, language: str, **values: object) -> Letter:
    """The letter of the templates in `templates/mails/<kind>`, in a language."""
    from chalicelib.texts.rendering import environment

    def render(part: str) -> str:
        text: str = environment(language).get_template(f"mails/{kind}/{part}").render(values)
        return text

    return Letter(
        subject=" ".join(render("subject.txt").split()),
        text=render("body.txt").strip() + "\n",
        html=render("body.html"),
    )
