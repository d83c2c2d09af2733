"""A contact person at the desk, as her browser has it: a cookie, forms, and where they lead."""

import re
from dataclasses import dataclass, field

import app as application
from chalicelib import bootstrap
from chalicelib.audit import store as audit_log
from chalicelib.audit.log import AuditAction
from chalicelib.registration import store as registrations
from chalicelib.registration.registration import Registration
from chalicelib.registration.tokens import hash_token
from management.local.clock import SetClock
from management.local.gateway import Answer, Gateway
from management.local.moto_aws import SentMail
from management.local.service import scheduled_event
from tests import driving
from tests.examples import FORM_HEADERS
from tests.fakes import sent_mails, the_table
from tests.whole.forms import read_form
from tests.whole.pages import encoded

HOST = "kost.boras.example"


def tick() -> None:
    application.tick(scheduled_event(bootstrap.composition().clock()), None)


def ticks(clock: SetClock, minutes: int) -> list[SentMail]:
    """The mails of the next minutes, but those that let somebody in."""
    before = len(sent_mails())
    driving.ticks(clock, minutes)
    return [mail for mail in sent_mails()[before:] if "/desk/enter/" not in mail.part("plain")]


def key_of(answer: Answer) -> str:
    """The key of what was registered on the public page."""
    return hash_token(answer.headers["location"].rpartition("/")[2])


def stored(key: str) -> Registration:
    found = registrations.find(the_table(), key)
    assert found
    return found


def audit_actions() -> list[tuple[AuditAction, str, str]]:
    """What the log says, oldest first, but who came in."""
    lines = audit_log.latest(the_table(), "", 1000)[::-1]
    return [
        (line.action, line.contact, line.about)
        for line in lines
        if line.action is not AuditAction.LOGGED_IN
    ]


def newest_link() -> str:
    """The path in the newest mail that lets somebody in."""
    for mail in reversed(sent_mails()):
        found = re.search(rf"https://{HOST}(/desk/enter/\S+)", mail.part("plain"))
        if found:
            return found[1]
    raise LookupError("no link was mailed")


@dataclass
class ContactPerson:
    """Sends what a browser would."""

    gateway: Gateway
    cookie: str = ""
    origin: str = f"https://{HOST}"
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Answer:
        return self._request("GET", path)

    def post(self, path: str, **fields: list[str]) -> Answer:
        return self._request("POST", path, encoded(**fields))

    def fill_in(self, path: str, **changes: list[str]) -> Answer:
        """Sends the last form of a page, changed."""
        page = self.get(path)
        assert page.status == 200, page.status
        form = read_form(page.text)
        fields = {name: values for name, values in form.fields.items() if values != [""]}
        return self.post(form.action, **{**fields, **changes})

    def ask(self, address: str) -> Answer:
        return self.post("/desk", email=[address])

    def enter(self, address: str) -> "ContactPerson":
        """Asks for a link, waits for the tick, and exchanges the link for a session."""
        assert self.ask(address).status == 303
        tick()
        return self.log_in(newest_link())

    def log_in(self, link: str) -> "ContactPerson":
        """Exchanges a link for a session."""
        answer = self.post(link)
        assert answer.status == 303
        self.cookie = answer.headers["set-cookie"].partition(";")[0]
        return self

    def _request(self, method: str, path: str, body: bytes = b"") -> Answer:
        headers = {"Host": HOST, "Accept": "text/html,*/*", "Cookie": self.cookie, **self.headers}
        if method == "POST":
            headers |= {**FORM_HEADERS, "Accept": "text/html,*/*", "Origin": self.origin}
        return self.gateway.request(method, path, headers, body)
