"""The content of a mail, and how it is rendered from templates."""

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.mail.outbox import OutboxMail


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


# Called only once the mail is leased, since writing the letter changes the table.
Composer = Callable[[OutboxMail], Letter]


class NotWanted(Exception):
    """The mail must not be sent any more; the text is the reason, without personal data."""


def render_letter(kind: str, language: str, **values: object) -> Letter:
    """Render the letter from the templates in `mails/<kind>`, in this language."""
    from chalicelib.texts.rendering import environment

    def render(part: str) -> str:
        text: str = environment(language).get_template(f"mails/{kind}/{part}").render(values)
        return text

    return Letter(
        subject=" ".join(render("subject.txt").split()),
        text=render("body.txt").strip() + "\n",
        html=render("body.html"),
    )
