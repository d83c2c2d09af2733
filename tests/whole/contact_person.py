"""A contact person's browser at the desk: sends forms and stores the session cookie."""

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
from tests.fakes import installed_table, sent_mails
from tests.whole.forms import read_form
from tests.whole.pages import encoded

HOST = "kost.boras.example"


def tick() -> None:
    application.tick(scheduled_event(bootstrap.composition().clock()), None)


def ticks(clock: SetClock, minutes: int) -> list[SentMail]:
    """Run the tick once a minute; return the mails sent, without those with a login link."""
    before = len(sent_mails())
    driving.ticks(clock, minutes)
    return [mail for mail in sent_mails()[before:] if "/desk/enter/" not in mail.part("plain")]


def key_of(answer: Answer) -> str:
    """The key of the registration whose receipt `answer` redirects to."""
    return hash_token(answer.headers["location"].rpartition("/")[2])


def stored(key: str) -> Registration:
    found = registrations.find(installed_table(), key)
    assert found
    return found


def audit_actions() -> list[tuple[AuditAction, str, str]]:
    """Action, contact and subject of every audit entry but logins, oldest first."""
    entries = audit_log.latest(installed_table(), "", 1000)[::-1]
    return [
        (entry.action, entry.contact, entry.about)
        for entry in entries
        if entry.action is not AuditAction.LOGGED_IN
    ]


def newest_link() -> str:
    """The path of the newest mailed login link."""
    for mail in reversed(sent_mails()):
        found = re.search(rf"https://{HOST}(/desk/enter/\S+)", mail.part("plain"))
        if found:
            return found[1]
    raise LookupError("no link was mailed")


@dataclass
class ContactPerson:
    """Sends requests with the headers of a browser, and the session `cookie` once it is set."""

    gateway: Gateway
    cookie: str = ""
    origin: str = f"https://{HOST}"
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Answer:
        return self._request("GET", path)

    def post(self, path: str, **fields: list[str]) -> Answer:
        return self._request("POST", path, encoded(**fields))

    def show(self, path: str, **fields: list[str]) -> Answer:
        """Send a form with the method GET."""
        return self.get(f"{path}?{encoded(**fields).decode()}")

    def fill_in(self, path: str, **changes: list[str]) -> Answer:
        """Send the form of the page at `path` with `changes`, without its empty fields."""
        page = self.get(path)
        assert page.status == 200, page.status
        form = read_form(page.text)
        fields = {name: values for name, values in form.fields.items() if values != [""]}
        return self.post(form.action, **{**fields, **changes})

    def search(self, text: str, **fields: list[str]) -> Answer:
        """Search in the list of the event `dag`; return the page that shows what is found."""
        answer = self.post("/desk/dag/list", text=[text], **fields)
        assert answer.status == 303, answer.status
        return self.get(answer.headers["location"])

    def searching(self, text: str) -> dict[str, list[str]]:
        """The field of a form that limits it to what a search finds."""
        location = self.post("/desk/dag/list", text=[text]).headers["location"]
        return {"search": [location.rpartition("search=")[2]]}

    def ask(self, address: str) -> Answer:
        return self.post("/desk", email=[address])

    def enter(self, address: str) -> "ContactPerson":
        """Request a login link, run the tick that mails the link, and log in."""
        assert self.ask(address).status == 303
        tick()
        return self.log_in(newest_link())

    def log_in(self, link: str) -> "ContactPerson":
        """Exchange a login link for a session cookie."""
        answer = self.post(link)
        assert answer.status == 303
        self.cookie = answer.headers["set-cookie"].partition(";")[0]
        return self

    def _request(self, method: str, path: str, body: bytes = b"") -> Answer:
        headers = {"Host": HOST, "Accept": "text/html,*/*", "Cookie": self.cookie, **self.headers}
        if method == "POST":
            headers |= {**FORM_HEADERS, "Accept": "text/html,*/*", "Origin": self.origin}
        return self.gateway.request(method, path, headers, body)
