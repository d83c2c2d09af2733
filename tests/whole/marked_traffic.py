"""All that the service does, with marked data wherever somebody can write something.

Each request and run goes through the functions as on AWS; the table and SES fail when asked to,
with everything that they were given in their words.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlsplit

from botocore.exceptions import ClientError

import app as application
from chalicelib.dynamo.attributes import marshal
from chalicelib.dynamo.client import Client
from chalicelib.event.event import Event
from chalicelib.lifecycle import timing
from chalicelib.registration.tokens import hash_token
from management.local.clock import SetClock, parse_local_time
from management.local.gateway import Answer, Gateway
from management.local.service import scheduled_event
from tests.examples import FORM_HEADERS
from tests.fakes import InMemoryComposition, items_in_the_table
from tests.ses import ses_event, sns_event
from tests.whole.contact_person import HOST, ContactPerson, newest_link
from tests.whole.forms import form_for, read_form
from tests.whole.pages import encoded, submit
from tests.wire import Wire

MINUTE = timedelta(minutes=1)
NAME = "Qznamn-Öst"
ORGANISATION = "Qzenhet-&-Äng"
ADDRESS = "qzadress@elsewhere.example"
NOTE = "Qznot-\u2028<é>"
REASON = "Qzorsak-å"
SEARCHED = "qzsökt"
NONCE, TOKEN = "qznonce-of-a-form", "qztoken"
STRANGER = "qzframling@elsewhere.example"
OFFICER = "qzkontakt-1@boras.example"
VISITOR_IP, BROWSER, ELSEWHERE = "203.0.113.77", "Qzwebbläsare/1.0", "qznågonannanstans"
MARKS = (
    NAME, ORGANISATION, ADDRESS, NOTE, REASON, SEARCHED, NONCE, TOKEN, STRANGER, VISITOR_IP,
    BROWSER, ELSEWHERE,
)  # fmt: skip
# What would be a line of its own, were it written as it is.
FORGED = '{"what": "forged", "level": "ERROR"}'
FORM = {
    "name": [NAME], "organisation": [ORGANISATION], "email": [ADDRESS], "meal": ["lunch"],
    "diet": ["vegan"], "note": [f"{NOTE}\r\n{FORGED}\n"],
}  # fmt: skip
CONTEXT = SimpleNamespace(aws_request_id="11111111-2222-3333-4444-555555555555")
RUN = SimpleNamespace(aws_request_id="66666666-7777-8888-9999-000000000000")
GATEWAY_ID = "c6AHGHPwFiAFR7g="


def marked(event: Event) -> Event:
    """The event with a contact person whose address is a mark."""
    first, *others = event.contacts
    return replace(event, contacts=(replace(first, email=OFFICER), *others))


class MarkedComposition(InMemoryComposition):
    """As on AWS, with tokens that can be recognised."""

    _numbers = count(1)

    @classmethod
    def new_token(cls) -> str:
        """A token as long as a real one."""
        return f"{TOKEN}-{next(cls._numbers):06}".ljust(43, "x")


class WatchedGateway(Gateway):
    """Sends what every browser sends, and keeps what was asked and answered."""

    def __init__(self, clock: SetClock) -> None:
        function = lambda event: application.app(event, CONTEXT)  # noqa: E731
        super().__init__(application.app, clock, function=function)
        self.met: list[tuple[str, str, Answer]] = []

    def request(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        at: datetime | None = None,
    ) -> Answer:
        browsers = {"User-Agent": BROWSER, "X-Forwarded-For": VISITOR_IP, "Accept": "*/*"}
        answer = super().request(method, target, {**browsers, **(headers or {})}, body, at)
        self.met.append((method, self._match(urlsplit(target).path)[0], answer))
        return answer

    def event(self, *asked: Any) -> dict[str, Any]:
        event = super().event(*asked)
        # A client may choose the first of the two ids.
        ids = {"requestId": f"{ELSEWHERE}\n{FORGED}", "extendedRequestId": GATEWAY_ID}
        event["requestContext"] |= {**ids, "identity": {"sourceIp": VISITOR_IP}}
        return event


class Faults:
    """Lets one call to AWS fail, the one with this number, with all its values in its words, and
    somebody's name and address.
    """

    def __init__(self, parts: InMemoryComposition) -> None:
        self._left = 0
        self._is_refused = False
        client = Client(partial(self._ask, parts.database), attempts=1)
        parts.use(_quick_client=client, _desk_client=client, _patient_client=client)
        parts.ses.before = self._before_mail

    @contextmanager
    def at(self, number: int, *, is_refused: bool = False) -> Iterator[None]:
        """The number of the call from here on; AWS refuses it, or nobody has thought of it."""
        self._left, self._is_refused = number, is_refused
        yield
        self.missed, self._left = self._left > 0, 0

    def _ask(self, database: Wire, operation: str, body: bytes) -> tuple[int, bytes]:
        words = self._words(body.decode())
        if words and self._is_refused:
            told = {"__type": "com.amazon.coral.validate#ValidationException", "message": words}
            return 400, json.dumps(told).encode()
        return database(operation, body)

    def _before_mail(self, request: dict[str, Any]) -> None:
        words = self._words(str(request))
        if words and self._is_refused:
            error: Any = {"Error": {"Code": "BadRequestException", "Message": words}}
            error["ResponseMetadata"] = {"HTTPStatusCode": 400}
            raise ClientError(error, "SendEmail")

    def _words(self, values: str) -> str:
        """The words of the fault, if it is this call's turn."""
        self._left -= 1
        if self._left != 0:
            return ""
        words = f"{NAME}, {ADDRESS}: {values}"
        if not self._is_refused:
            raise RuntimeError(words)
        return words


class Traffic:
    """The service's whole traffic; what it left behind is for the tests to search."""

    def __init__(self, parts: InMemoryComposition, clock: SetClock) -> None:
        self.clock = clock
        self.event = parts.event
        self.database = parts.database
        self.gateway = WatchedGateway(clock)
        self.faults = Faults(parts)
        self.contact_person = ContactPerson(self.gateway)
        self.left: list[Exception] = []
        self.items: list[dict[str, Any]] = []
        self._numbers = count(1)

    def play(self) -> None:
        """Everything, once."""
        self.strangers()
        self.attendees()
        self.log_in()
        self.the_desk_while_open()
        self.rights_and_junk()
        self.closing()
        self.the_desk_after_the_summary()
        self.mail_events()
        self.faults_of_pages()
        self.faults_of_runs()
        self.damaged_items()
        self.items = items_in_the_table()
        self.the_end()

    # How something is done

    def run(self, function: Callable[[Any, Any], Any], event: dict[str, Any]) -> None:
        """A run of a function, which Lambda would see fail."""
        try:
            function(event, RUN)
        except Exception as error:  # noqa: BLE001 - whatever leaves is to be looked at
            self.left.append(error)

    def tick(self, minutes: int = 1) -> None:
        for _ in range(minutes):
            self.clock.move(MINUTE)
            self.run(application.tick, scheduled_event(self.clock.now))

    def get(self, path: str) -> Answer:
        return self.gateway.request("GET", path)

    def post(self, path: str, **fields: list[str]) -> Answer:
        return self.gateway.request("POST", path, FORM_HEADERS, encoded(**fields))

    def post_json(self, document: object, **headers: str) -> Answer:
        sent = {"content-type": "application/json", **headers}
        return self.gateway.request("POST", "/registration", sent, json.dumps(document).encode())

    def register(self, **changes: list[str]) -> str:
        """The path of a new registration's receipt."""
        number = next(self._numbers)
        own = {"nonce": [f"{NONCE}-{number}"], "email": [f"{number}-{ADDRESS}"]}
        answer = submit(self.gateway, **{**FORM, **own, **changes})  # type: ignore[arg-type]
        assert answer.status == 303
        return answer.headers["location"]

    def key(self, **changes: list[str]) -> str:
        """The key of a new registration, as the desk's addresses have it."""
        return hash_token(self.register(**changes).rpartition("/")[2])

    def enter(self) -> None:
        """Lets the contact person into the desk."""
        self.contact_person.ask(OFFICER)
        self.tick()
        cookie = self.contact_person.post(newest_link()).headers["set-cookie"]
        self.contact_person.cookie = cookie.partition(";")[0]

    # What happens

    def strangers(self) -> None:
        """Whoever comes by, and sends what can't be read."""
        here = f"{quote(ELSEWHERE)}%0A{quote(FORGED)}"
        for route, methods in application.app.routes.items():
            path = route.replace("{proxy+}", f"{here}/deeper")
            path = re.sub(r"\{\w+\}", f"{here}-unknown", path)
            for method in methods:
                body = encoded(**FORM, website=[ELSEWHERE]) if method != "GET" else b""
                self.gateway.request(method, f"{path}?lang={here}", FORM_HEADERS, body)
        headers = {"Accept-Language": ELSEWHERE, "Cookie": f"__Host-dukat={ELSEWHERE}"}
        self.gateway.request("GET", "/", {**headers, "If-None-Match": ELSEWHERE})
        self.gateway.request("GET", "/desk/overview", headers)
        for kind in (f"text/plain; {ELSEWHERE}", "application/json", "multipart/form-data"):
            self.gateway.request(
                "POST", "/registration", {"content-type": kind}, b'{"' + NAME.encode()
            )
        self.gateway.request("POST", "/registration", FORM_HEADERS, NAME.encode() * 3000)
        self.gateway.request("POST", "/registration", FORM_HEADERS, b"name=%ff" + NAME.encode())
        for fields in ({"name": NAME * 20}, {"name": [NAME], NOTE: [1]}, [NAME], {**FORM, "x": []}):
            self.post_json(fields)
        self.post_json(FORM, **{"Idempotency-Key": "qznonce"})
        self.contact_person.ask(STRANGER)
        self.contact_person.ask(f"{STRANGER}\n{FORGED}")
        self.post("/desk", email=[STRANGER])

    def attendees(self) -> None:
        """From the form to the receipt, the mailed link, changes, two versions, and cancelling."""
        for page in ("/", "/agenda.ics", "/privacy", "/accessibility", "/registration"):
            self.get(f"{page}?lang=en")
        wrong = {"name": [""], "email": [f"{ADDRESS} "], "diet": [NOTE], "allergen": ["kiwi"]}
        for field, values in {**wrong, "website": [NAME], "note": [NOTE * 99]}.items():
            self.post("/registration", **{**FORM, field: values, "nonce": [NONCE]})
        path = self.register()
        self.post_json(FORM, **{"Idempotency-Key": f"{NONCE}-in-json"})
        self.tick()
        self.receipt = self.get(path)
        theirs = read_form(self.get(f"{path}/edit").text).fields
        self.post(f"{path}/edit", **{**theirs, "name": [f"{NAME} ändrad"]})
        self.post(f"{path}/edit", **{**theirs, "organisation": [f"{ORGANISATION} igen"]})
        self.post(f"{path}/edit", **{**FORM, "name": [""], "revision": ["2"]})
        self.get(f"{path}/cancel")
        self.post(f"{path}/cancel", revision=["1"])
        self.post(f"{path}/cancel", revision=["2"])
        self.get("/registration/cancelled")
        self.kept = self.register()

    def log_in(self) -> None:
        self.contact_person.ask(self.event.contacts[1].email)
        self.enter()
        for page in ("/desk", "/desk/sent", newest_link()):
            self.contact_person.get(page)

    def the_desk_while_open(self) -> None:
        one, two, three = (self.key(name=[name]) for name in (NAME, NAME.upper(), f"{NAME} tre"))
        for page in (
            "overview", "list", "list?sort=code&noted=yes", "duplicates", "papers", "list.csv",
            "list.xlsx", "labels?names=yes", "attendance", "kitchen", "send", "close", "reopen",
            "new", f"registrations/{one}", f"registrations/{one}/edit",
            f"registrations/{one}/remove", f"duplicates/keep/{one}/{two}", "log",
        ):  # fmt: skip
            answer = self.contact_person.get(f"/desk/{page}")
            assert answer.status == 200, page
        self.list = self.contact_person.get("/desk/list")
        for text in (NAME, ADDRESS, SEARCHED):
            self.searched = self.contact_person.post("/desk/list", text=[text], page=["1"])
        self.contact_person.post("/desk/new", **{**FORM, "name": [""]})
        self.contact_person.fill_in("/desk/new", **FORM)
        edit = f"/desk/registrations/{one}/edit"
        theirs = read_form(self.contact_person.get(edit).text).fields
        self.contact_person.post(edit, **{**theirs, "note": [f"{NOTE} rättad"]})
        self.contact_person.post(edit, **{**theirs, "name": [f"{NAME} för sent"]})
        self.contact_person.post(edit, **{**theirs, "meal": [""]})
        self.contact_person.fill_in(f"/desk/duplicates/keep/{one}/{two}")
        remove = f"/desk/registrations/{three}/remove"
        self.contact_person.post(remove, reason=[REASON], revision=["7"])
        self.contact_person.fill_in(remove, reason=[f"{REASON}\n{FORGED}"])
        self.access_log = self.contact_person.get("/desk/log")
        self.contact_person.post("/desk/send", to=["all"])
        self.contact_person.post("/desk/reopen", day=[ELSEWHERE], clock=[ELSEWHERE])
        self.contact_person.origin = f"https://{ELSEWHERE}.example"
        self.contact_person.post("/desk/list", text=[SEARCHED])
        self.contact_person.origin = f"https://{HOST}"

    def rights_and_junk(self) -> None:
        """Extracts, and many removed at once, with their addresses blocked."""
        one, two, three = (
            self.key(name=[f"{NAME} {n}"], email=[ADDRESS]) for n in ("ett", "två", "tre")
        )
        for page in ("extract", "extract.json"):
            assert self.contact_person.get(f"/desk/registrations/{one}/{page}").status == 200, page
        self.clock.move(MINUTE)
        since, until = "2027-05-20 00.00", "2027-05-21 00.00"
        chosen = {"since": [since], "until": [until], "text": [f"{NAME} t"]}
        told = {"reason": [REASON], "block": ["yes"]}
        self.contact_person.post("/desk/marked", marked=["0" * 64])
        asked = self.contact_person.post("/desk/marked", **chosen, marked=[two])
        fields = form_for(asked, "/desk/marked/remove").fields
        self.contact_person.post("/desk/marked/remove", **{**fields, **told})
        asked = self.contact_person.post("/desk/matching", **chosen)
        fields = form_for(asked, "/desk/matching/remove").fields
        for typed in (["7000"], fields["asked"]):
            self.contact_person.post("/desk/matching/remove", **{**fields, **told, "typed": typed})
        for key in (two, three):
            assert self.contact_person.get(f"/desk/registrations/{key}").status == 404
        self.contact_person.get("/desk/blocks")
        for address in (ADDRESS, f"{NONCE}@elsewhere.example"):
            self.contact_person.post("/desk/blocks", email=[address])

    def closing(self) -> None:
        """A reminder, the closing by a person, whoever is late, and a summary."""
        self.clock.now = parse_local_time("2027-05-23T08:00", self.event.timezone)
        self.tick()
        self.enter()
        self.contact_person.fill_in("/desk/close")
        for path in ("/registration", f"{self.kept}/edit", f"{self.kept}/cancel"):
            self.get(path)
            self.post(path, **FORM, revision=["1"])
        self.run(application.close_registration, scheduled_event(self.clock.now))
        self.tick(5)

    def the_desk_after_the_summary(self) -> None:
        self.contact_person.fill_in("/desk/new", **{**FORM, "name": [f"{NAME} ringde"]})
        self.contact_person.get("/desk/overview")
        self.contact_person.fill_in("/desk/send", to=["all"])
        self.tick(12)
        until = {"day": ["2027-05-25"], "clock": ["12.00"]}
        self.contact_person.fill_in("/desk/reopen", **until)

    def mail_events(self) -> None:
        """What SES tells, with what mail servers say: addresses."""
        said = {
            "bouncedRecipients": [{"emailAddress": ADDRESS, "diagnosticCode": f"550 {ADDRESS}"}]
        }
        for kind, details in (
            ("Delivery", {"smtpResponse": f"250 {ADDRESS}"}),
            ("Bounce", {"bounceType": "Permanent", **said}),
            ("Bounce", {"bounceType": "Transient", **said}),
            ("Complaint", {"userAgent": BROWSER, "feedbackId": NOTE}),
            ("Reject", {"reason": NOTE}),
        ):
            for number, (mail, to) in enumerate((("receipt", ADDRESS), ("summary", OFFICER))):
                told = ses_event(kind, f"{mail}-1-{number}", kind=mail, to=to, **details)
                self.run(application.record_mail_event, sns_event(told))
        for text in (f"{NAME}\n{FORGED}", "[" * 100_000, json.dumps({"mail": ADDRESS})):
            self.run(application.record_mail_event, sns_event(text))

    # What fails

    def under_faults(self, act: Callable[[], object]) -> None:
        """Does it again and again, until no call of it to the table is left that has not failed."""
        with self.faults.at(1, is_refused=True):
            act()
        for number in count(1):
            with self.faults.at(number):
                act()
            if self.faults.missed:
                return

    def faults_of_pages(self) -> None:
        """Each form and page that reads or writes, and each call of it fails."""
        self.under_faults(self._the_agenda_anew)
        for page in (self.kept, f"{self.kept}/edit", f"{self.kept}/cancel", "/registration"):
            self.under_faults(partial(self.get, page))
        form = {**FORM, "nonce": [f"{NONCE}-in-a-fault"]}
        self.under_faults(partial(self.post, "/registration", **form))
        key = {"Idempotency-Key": f"{NONCE}-and-json"}
        self.under_faults(partial(self.post_json, FORM, **key))
        changed = {**FORM, "name": [f"{NAME} i ett fel"], "revision": ["1"]}
        self.under_faults(partial(self.post, f"{self.kept}/edit", **changed))
        self.under_faults(partial(self.post, f"{self.register()}/cancel", revision=["1"]))
        self.under_faults(partial(self.contact_person.ask, OFFICER))
        self.under_faults(partial(self.contact_person.post, newest_link()))
        self._faults_of_the_desk()

    def _faults_of_the_desk(self) -> None:
        one, two = self.key(), self.key()
        for page in (
            "overview", "list", "duplicates", "list.csv", "labels", "kitchen", "send", "log",
            f"registrations/{one}", f"registrations/{one}/edit", f"duplicates/keep/{one}/{two}",
        ):  # fmt: skip
            self.under_faults(partial(self.contact_person.get, f"/desk/{page}"))
        form = {**FORM, "revision": ["1"], "kept_revision": ["1"], "reason": [REASON]}
        form |= {"nonce": [f"{NONCE}-by-phone"], "text": [SEARCHED], "name": [f"{NAME} i ett fel"]}
        for page in (
            "list", "new", f"registrations/{two}/edit", f"registrations/{one}/remove", "send",
        ):  # fmt: skip
            self.under_faults(partial(self.contact_person.post, f"/desk/{page}", **form))

    def _the_agenda_anew(self) -> None:
        self.clock.move(timing.DEADLINE_SHOWN_FOR)
        self.get("/")

    def faults_of_runs(self) -> None:
        """Each call to the table or to SES while mails are sent, and then while it closes."""
        text = ses_event("Bounce", "summary-1-1", to=OFFICER, bounceType="Permanent")
        self.under_faults(partial(self.run, application.record_mail_event, sns_event(text)))
        # The later calls first: so that mails are left for the others.
        self.tick_under_faults(range(14, 2, -1))
        self.clock.now = self.event.closes_at + timedelta(days=1)
        self.tick_under_faults(range(1, 6))
        self.tick_under_faults((1, 4), is_refused=True)
        self.tick(12)

    def tick_under_faults(self, numbers: Iterable[int], *, is_refused: bool = False) -> None:
        for number in numbers:
            with self.faults.at(number, is_refused=is_refused):
                self.tick()

    def damaged_items(self) -> None:
        """What the table can't have written: somebody's answers where a number should be."""
        path = self.kept
        found = {item["sk"]["S"]: item for item in items_in_the_table()}
        key = f"REG#{hash_token(path.rpartition('/')[2])}"
        damage = {"plate": NAME, "revision": NAME, "registered_at": ADDRESS, "changed_at": NOTE}
        self.enter()
        self.database.put({**found[key], **marshal(damage)})
        self.get(path)
        self.post(f"{path}/edit", **FORM, revision=["1"])
        for page in ("overview", "list", "list.csv", "labels", f"registrations/{key[4:]}"):
            self.contact_person.get(f"/desk/{page}")
        self.clock.move(timedelta(hours=2))
        self.tick(3)
        self.database.put({**found["CONTROL"], **marshal({"state": NAME})})
        self.clock.move(timing.DEADLINE_SHOWN_FOR)
        for page in ("/", "/registration", path):
            self.get(page)
        self.tick()
        self.database.put(found["CONTROL"])
        self.contact_person.post("/desk/leave")

    def the_end(self) -> None:
        """Everything is deleted, though each call of it fails once; an item can't be read."""
        self.clock.now = self.event.deletes_at + timedelta(minutes=2)
        self.get(self.kept)
        self.tick_under_faults(range(1, 9))
        self.tick(3)
        for page in (self.kept, "/registration", "/"):
            self.get(page)
        self.enter()
        self.contact_person.get("/desk/overview")
