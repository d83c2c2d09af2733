"""The pages of the local outbox: a list of all sent mails, and each mail with its parts."""

from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chalicelib.event.event import Event
from management.local.gateway import Answer
from management.local.moto_aws import SentMail, sent_mails
from management.local.sample_mails import sample_mails

PATH = "/outbox"
PREVIEW = f"{PATH}/preview"
_HTML = {"content-type": "text/html; charset=utf-8", "cache-control": "no-store"}
_TEXT = {"content-type": "text/plain; charset=utf-8", "cache-control": "no-store"}

_environment = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def answer(path: str, events: Sequence[Event]) -> Answer:
    """Return the list (`/outbox`), mail N (`/outbox/N`) or a part of mail N.

    The parts are `/outbox/N/html`, `/outbox/N/source` and `/outbox/N/attachment-M`. Paths under
    `/outbox/preview` show samples of every kind of mail instead. Unknown paths are a 404.
    """
    folder, mails = PATH, sent_mails()
    if path == PREVIEW or path.startswith(f"{PREVIEW}/"):
        folder, mails = PREVIEW, sample_mails(events[0])
    number, _, part = path.removeprefix(folder).strip("/").partition("/")
    if not number:
        return page("outbox.html", mails=mails, folder=folder)
    if not number.isdecimal() or not 0 < int(number) <= len(mails):
        return page("no_mail.html", status=HTTPStatus.NOT_FOUND)
    return _mail(mails[int(number) - 1], part, folder)


def _mail(mail: SentMail, part: str, folder: str) -> Answer:
    if part == "html":
        return Answer(200, _HTML, mail.part("html").encode("utf-8"))
    if part == "source":
        return Answer(200, _TEXT, mail.source)
    kind, _, number = part.partition("-")
    files = mail.attachments()
    if kind == "attachment" and number.isdecimal() and 0 < int(number) <= len(files):
        file = files[int(number) - 1]
        headers = {
            "content-type": file.get_content_type(),
            "content-disposition": f'attachment; filename="{file.get_filename("attachment")}"',
        }
        return Answer(200, headers, file.get_payload(decode=True))  # type: ignore[arg-type]
    if part:
        return page("no_mail.html", status=HTTPStatus.NOT_FOUND)
    return page("mail.html", mail=mail, folder=folder)


def page(template: str, status: int = 200, **values: object) -> Answer:
    """A page of the local service itself, in English."""
    html = _environment.get_template(template).render(values)
    return Answer(int(status), _HTML, html.encode("utf-8"))
