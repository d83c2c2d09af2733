"""Traffic through every page and function of the service, with marked values in every input.

A marked value is a text that occurs nowhere else (most begin with `qz`), so that a search finds
each place where the value leaks.

Requests and runs call the functions as on AWS. The table and SES can be made to fail, with
personal data and all values of the failed call in the error text.
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
from chalicelib.event.changes import row_key
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
from tests.whole.forms import form_for, read_form, read_forms
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
UNLISTED = "qzframling@elsewhere.example"
CONTACT = "qzkontakt-1@boras.example"
VISITOR_IP, BROWSER, JUNK = "203.0.113.77", "Qzwebbläsare/1.0", "qznågonannanstans"
MARKED_VALUES = (
    NAME, ORGANISATION, ADDRESS, NOTE, REASON, SEARCHED, NONCE, TOKEN, UNLISTED, VISITOR_IP,
    BROWSER, JUNK,
)  # fmt: skip
# After a line break that is logged unescaped, this would be a log line of its own.
FORGED = '{"what": "forged", "level": "ERROR"}'
FORM = {
    "name": [NAME], "organisation": [ORGANISATION], "email": [ADDRESS], "meal": ["lunch"],
    "diet": ["vegan"], "note": [f"{NOTE}\r\n{FORGED}\n"],
}  # fmt: skip
REQUEST_CONTEXT = SimpleNamespace(aws_request_id="11111111-2222-3333-4444-555555555555")
RUN_CONTEXT = SimpleNamespace(aws_request_id="66666666-7777-8888-9999-000000000000")
GATEWAY_ID = "c6AHGHPwFiAFR7g="


def marked(event: Event) -> Event:
    """The event with a marked address for its first contact person."""
    first, *others = event.contacts
    return replace(event, contacts=(replace(first, email=CONTACT), *others))


class MarkedComposition(InMemoryComposition):
    """A composition in memory whose tokens begin with a marked value."""

    _numbers = count(1)

    @classmethod
    def new_token(cls) -> str:
        """A token of 43 characters, as long as a real one."""
        return f"{TOKEN}-{next(cls._numbers):06}".ljust(43, "x")


class WatchedGateway(Gateway):
    """Adds a browser's headers to each request; stores its method, route and answer."""

    def __init__(self, clock: SetClock) -> None:
        function = lambda event: application.app(event, REQUEST_CONTEXT)  # noqa: E731
        super().__init__(application.app, clock, function=function)
        self.exchanges: list[tuple[str, str, Answer]] = []

    def request(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        at: datetime | None = None,
    ) -> Answer:
        browser_headers = {"User-Agent": BROWSER, "X-Forwarded-For": VISITOR_IP, "Accept": "*/*"}
        answer = super().request(method, target, {**browser_headers, **(headers or {})}, body, at)
        self.exchanges.append((method, self._match(urlsplit(target).path)[0], answer))
        return answer

    def event(self, *request: Any) -> dict[str, Any]:
        event = super().event(*request)
        # A client can choose `requestId`, but not `extendedRequestId`.
        ids = {"requestId": f"{JUNK}\n{FORGED}", "extendedRequestId": GATEWAY_ID}
        event["requestContext"] |= {**ids, "identity": {"sourceIp": VISITOR_IP}}
        return event


class Faults:
    """Makes one numbered call to AWS fail.

    The error text contains all values of the call, and a marked name and address.
    """

    def __init__(self, parts: InMemoryComposition) -> None:
        self._calls_left = 0
        self._is_refused = False
        client = Client(partial(self._call_database, parts.database), attempts=1)
        parts.use(_quick_client=client, _desk_client=client, _patient_client=client)
        parts.ses.before = self._before_mail

    @contextmanager
    def at(self, number: int, *, is_refused: bool = False) -> Iterator[None]:
        """Make call `number` of this block fail: refused by AWS, or with a `RuntimeError`.

        Afterwards `is_unused` says whether the block made fewer calls.
        """
        self._calls_left, self._is_refused = number, is_refused
        yield
        self.is_unused, self._calls_left = self._calls_left > 0, 0

    def _call_database(self, database: Wire, operation: str, body: bytes) -> tuple[int, bytes]:
        message = self._count_call(body.decode())
        if message:
            kind = "com.amazon.coral.validate#ValidationException"
            return 400, json.dumps({"__type": kind, "message": message}).encode()
        return database(operation, body)

    def _before_mail(self, request: dict[str, Any]) -> None:
        message = self._count_call(str(request))
        if message:
            error: Any = {"Error": {"Code": "BadRequestException", "Message": message}}
            error["ResponseMetadata"] = {"HTTPStatusCode": 400}
            raise ClientError(error, "SendEmail")

    def _count_call(self, values: str) -> str:
        """The message with which AWS is to refuse this call, or an empty text.

        Raises `RuntimeError` if this call is to fail in another way.
        """
        self._calls_left -= 1
        if self._calls_left != 0:
            return ""
        message = f"{NAME}, {ADDRESS}: {values}"
        if not self._is_refused:
            raise RuntimeError(message)
        return message


class Traffic:
    """Plays the whole life of an event; stores the pages, errors and items that tests search."""

    def __init__(self, parts: InMemoryComposition, clock: SetClock) -> None:
        self.clock = clock
        self.event = parts.event
        self.database = parts.database
        self.gateway = WatchedGateway(clock)
        self.faults = Faults(parts)
        self.contact_person = ContactPerson(self.gateway)
        self.errors: list[Exception] = []
        self.items_before_deletion: list[dict[str, Any]] = []
        self._numbers = count(1)

    def play(self) -> None:
        """Play all of it once, in order."""
        self.unauthenticated_requests()
        self.attendees()
        self.log_in()
        self.desk_while_open()
        self.extracts_and_bulk_removal()
        self.closing()
        self.desk_after_the_summary()
        self.mail_events()
        self.faults_of_pages()
        self.faults_of_runs()
        self.damaged_items()
        self.items_before_deletion = items_in_the_table()
        self.deletion()

    # Single actions

    def run(self, function: Callable[[Any, Any], Any], event: dict[str, Any]) -> None:
        """Run a Lambda function; store the exception that it raises, if any."""
        try:
            function(event, RUN_CONTEXT)
        except Exception as error:  # noqa: BLE001 - tests search every exception
            self.errors.append(error)

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
        return self.gateway.request(
            "POST", "/dag/registration", sent, json.dumps(document).encode()
        )

    def register(self, **changes: list[str]) -> str:
        """Register somebody; return the path of the receipt."""
        number = next(self._numbers)
        unique = {"nonce": [f"{NONCE}-{number}"], "email": [f"{number}-{ADDRESS}"]}
        answer = submit(self.gateway, **{**FORM, **unique, **changes})  # type: ignore[arg-type]
        assert answer.status == 303
        return answer.headers["location"]

    def register_key(self, **changes: list[str]) -> str:
        """Register somebody; return the key that the desk's URLs contain."""
        return hash_token(self.register(**changes).rpartition("/")[2])

    def enter(self) -> None:
        """Log the contact person in at the desk."""
        self.contact_person.ask(CONTACT)
        self.tick()
        cookie = self.contact_person.post(newest_link()).headers["set-cookie"]
        self.contact_person.cookie = cookie.partition(";")[0]

    # The traffic, in order

    def unauthenticated_requests(self) -> None:
        """Every route with unknown keys, and bodies and headers that cannot be read."""
        junk = f"{quote(JUNK)}%0A{quote(FORGED)}"
        for route, methods in application.app.routes.items():
            path = route.replace("{proxy+}", f"{junk}/deeper")
            path = re.sub(r"\{\w+\}", f"{junk}-unknown", path.replace("{event}", "dag"))
            for method in methods:
                body = encoded(**FORM, website=[JUNK]) if method != "GET" else b""
                self.gateway.request(method, f"{path}?lang={junk}", FORM_HEADERS, body)
        headers = {"Accept-Language": JUNK, "Cookie": f"__Host-dukat={JUNK}"}
        self.gateway.request("GET", "/", {**headers, "If-None-Match": JUNK})
        self.gateway.request("GET", "/desk/dag/overview", headers)
        for kind in (f"text/plain; {JUNK}", "application/json", "multipart/form-data"):
            self.gateway.request(
                "POST", "/dag/registration", {"content-type": kind}, b'{"' + NAME.encode()
            )
        self.gateway.request("POST", "/dag/registration", FORM_HEADERS, NAME.encode() * 3000)
        self.gateway.request("POST", "/dag/registration", FORM_HEADERS, b"name=%ff" + NAME.encode())
        for fields in ({"name": NAME * 20}, {"name": [NAME], NOTE: [1]}, [NAME], {**FORM, "x": []}):
            self.post_json(fields)
        self.post_json(FORM, **{"Idempotency-Key": "qznonce"})
        self.contact_person.ask(UNLISTED)
        self.contact_person.ask(f"{UNLISTED}\n{FORGED}")
        self.post("/desk", email=[UNLISTED])

    def attendees(self) -> None:
        """Register, read the receipt, change, save a stale form, and cancel; on public pages."""
        for page in (
            "/",
            "/dag/agenda.ics",
            "/dag/sessions.ics",
            "/dag/privacy",
            "/dag/accessibility",
            "/dag/registration",
        ):
            self.get(f"{page}?lang=en")
        wrong = {"name": [""], "email": [f"{ADDRESS} "], "diet": [NOTE], "allergen": ["kiwi"]}
        for field, values in {**wrong, "website": [NAME], "note": [NOTE * 99]}.items():
            self.post("/dag/registration", **{**FORM, field: values, "nonce": [NONCE]})
        path = self.register()
        self.post_json(FORM, **{"Idempotency-Key": f"{NONCE}-in-json"})
        self.tick()
        self.receipt_page = self.get(path)
        fields = read_form(self.get(f"{path}/edit").text).fields
        self.post(f"{path}/edit", **{**fields, "name": [f"{NAME} ändrad"]})
        self.post(f"{path}/edit", **{**fields, "organisation": [f"{ORGANISATION} igen"]})
        self.post(f"{path}/edit", **{**FORM, "name": [""], "revision": ["2"]})
        self.get(f"{path}/another")
        twice = {**FORM, "nonce": [f"{NONCE}-twice"]}
        for diet in ("vegan", "kosher"):
            self.post("/dag/registration", **{**twice, "diet": [diet]})
        self.get(f"{path}/cancel")
        self.post(f"{path}/cancel", revision=["1"])
        self.post(f"{path}/cancel", revision=["2"])
        self.get("/dag/registration/cancelled")
        self.kept_path = self.register()
        for address in (ADDRESS, f"nobody-{ADDRESS}", ""):
            self.post("/dag/link", email=[address], nonce=[NONCE])
            self.get("/dag/link?lang=en")
        self.get("/dag/link/sent")

    def log_in(self) -> None:
        self.contact_person.ask(self.event.contacts[1].email)
        self.enter()
        for page in ("/desk", "/desk/sent", newest_link()):
            self.contact_person.get(page)

    def desk_while_open(self) -> None:
        one, two, three = (
            self.register_key(name=[name]) for name in (NAME, NAME.upper(), f"{NAME} tre")
        )
        self.tick()
        for page in (
            "overview", "list", "list?sort=code&noted=yes", "duplicates", "papers", "list.csv",
            "list.xlsx", "labels?names=yes", "attendance", "kitchen", "notes", "send", "close",
            "reopen", "new", f"registrations/{one}", f"registrations/{one}/edit",
            f"registrations/{one}/remove", f"duplicates/keep/{one}/{two}", "log",
            "programme", f"programme/{row_key(self.event.agenda[0])}",
        ):  # fmt: skip
            answer = self.contact_person.get(f"/desk/dag/{page}")
            assert answer.status == 200, page
        self.contact_person.fill_in("/desk/dag/notes", told=[one, two])
        self.list_page = self.contact_person.get("/desk/dag/list")
        for text in (NAME, ADDRESS, SEARCHED):
            self.search_page = self.contact_person.search(text)
        self.contact_person.post("/desk/dag/new", **{**FORM, "name": [""]})
        self.contact_person.fill_in("/desk/dag/new", **FORM)
        edit = f"/desk/dag/registrations/{one}/edit"
        fields = read_form(self.contact_person.get(edit).text).fields
        self.contact_person.post(edit, **{**fields, "note": [f"{NOTE} rättad"]})
        self.contact_person.post(edit, **{**fields, "name": [f"{NAME} för sent"]})
        self.contact_person.post(edit, **{**fields, "meal": [""]})
        self.contact_person.post(edit, **{**fields, "email": [f"ny-{ADDRESS}"], "revision": ["2"]})
        self.contact_person.fill_in(f"/desk/dag/duplicates/keep/{one}/{two}", linking=["yes"])
        remove = f"/desk/dag/registrations/{three}/remove"
        self.contact_person.post(remove, reason=[REASON], revision=["7"])
        self.contact_person.fill_in(remove, reason=[f"{REASON}\n{FORGED}"])
        self.audit_log_page = self.contact_person.get("/desk/dag/log")
        self.tick()
        self.contact_person.fill_in(edit, note=[f"{NOTE} igen"])
        self.tick()
        self.contact_person.post("/desk/dag/send", to=["all"])
        self.contact_person.post("/desk/dag/reopen", day=[JUNK], clock=[JUNK])
        self.contact_person.fill_in("/desk/dag/programme", text=["B 12"])
        row = f"/desk/dag/programme/{row_key(self.event.agenda[0])}"
        self.contact_person.fill_in(row, room=["B 12"])
        self.contact_person.post("/desk/dag/programme", text=[JUNK], day=[JUNK])
        self.contact_person.origin = f"https://{JUNK}.example"
        self.contact_person.post("/desk/dag/list", text=[SEARCHED])
        self.contact_person.origin = f"https://{HOST}"

    def extracts_and_bulk_removal(self) -> None:
        """Extracts; bulk removal of marked registrations and of a selection; blocked addresses."""
        one, two, three = (
            self.register_key(name=[f"{NAME} {n}"], email=[ADDRESS]) for n in ("ett", "två", "tre")
        )
        for page in ("extract", "extract.json"):
            assert self.contact_person.get(f"/desk/dag/registrations/{one}/{page}").status == 200, (
                page
            )
        for revision in ("7", "1"):
            self.contact_person.post(f"/desk/dag/registrations/{one}/links", revision=[revision])
        self.contact_person.post(f"/desk/dag/registrations/{one}/receipt")
        self.clock.move(MINUTE)
        since, until = "2027-05-20 00.00", "2027-05-21 00.00"
        selection = {
            "since": [since],
            "until": [until],
            **self.contact_person.searching(f"{NAME} t"),
        }
        confirmed = {"reason": [REASON], "block": ["yes"]}
        self.contact_person.show("/desk/dag/marked", marked=["0" * 64])
        answer = self.contact_person.show("/desk/dag/marked", **selection, marked=[two])
        fields = form_for(answer, "/desk/dag/marked/remove").fields
        self.contact_person.post("/desk/dag/marked/remove", **{**fields, **confirmed})
        answer = self.contact_person.show("/desk/dag/matching", **selection)
        fields = form_for(answer, "/desk/dag/matching/remove").fields
        for typed in (["7000"], fields["asked"]):
            self.contact_person.post(
                "/desk/dag/matching/remove", **{**fields, **confirmed, "typed": typed}
            )
        for key in (two, three):
            assert self.contact_person.get(f"/desk/dag/registrations/{key}").status == 404
        groups = read_forms(self.contact_person.get("/desk/dag/blocks").text)
        for address in (ADDRESS, f"{NONCE}@elsewhere.example"):
            self.contact_person.post("/desk/dag/blocks", email=[address])
        self.contact_person.post("/desk/dag/blocks/lift", first=[JUNK], last=[JUNK])
        self.contact_person.post("/desk/dag/blocks/lift", **groups[1].fields)

    def closing(self) -> None:
        """A reminder, closing by a contact person, registrations that are too late, the summary."""
        self.clock.now = parse_local_time("2027-05-23T08:00", self.event.timezone)
        self.tick()
        self.enter()
        self.contact_person.fill_in("/desk/dag/close")
        for path in ("/dag/registration", f"{self.kept_path}/edit", f"{self.kept_path}/cancel"):
            self.get(path)
            self.post(path, **FORM, revision=["1"])
        self.run(application.close_registration, scheduled_event(self.clock.now))
        self.tick(5)

    def desk_after_the_summary(self) -> None:
        self.contact_person.fill_in("/desk/dag/new", **{**FORM, "name": [f"{NAME} ringde"]})
        self.contact_person.get("/desk/dag/overview")
        self.contact_person.fill_in("/desk/dag/send", to=["all"])
        self.tick(12)
        until = {"day": ["2027-05-25"], "clock": ["12.00"]}
        self.contact_person.fill_in("/desk/dag/reopen", **until)

    def mail_events(self) -> None:
        """Events from SES with addresses in the texts of mail servers, and unreadable messages."""
        bounced = {
            "bouncedRecipients": [{"emailAddress": ADDRESS, "diagnosticCode": f"550 {ADDRESS}"}]
        }
        for kind, details in (
            ("Delivery", {"smtpResponse": f"250 {ADDRESS}"}),
            ("Bounce", {"bounceType": "Permanent", **bounced}),
            ("Bounce", {"bounceType": "Transient", **bounced}),
            ("Complaint", {"userAgent": BROWSER, "feedbackId": NOTE}),
            ("Reject", {"reason": NOTE}),
        ):
            mails = ("receipt", ADDRESS), ("summary", CONTACT), ("corrected", ADDRESS)
            for number, (mail, to) in enumerate(mails):
                message = ses_event(kind, f"{mail}-1-{number}", kind=mail, to=to, **details)
                self.run(application.record_mail_event, sns_event(message))
        for text in (f"{NAME}\n{FORGED}", "[" * 100_000, json.dumps({"mail": ADDRESS})):
            self.run(application.record_mail_event, sns_event(text))

    # Faults

    def fail_each_call(self, act: Callable[[], object]) -> None:
        """Repeat `act` with its first call to AWS failing, then its second, until its last."""
        with self.faults.at(1, is_refused=True):
            act()
        for number in count(1):
            with self.faults.at(number):
                act()
            if self.faults.is_unused:
                return

    def faults_of_pages(self) -> None:
        """Forms and pages that read or write the table, with each of their calls failing."""
        self.fail_each_call(self._agenda_after_cache_expiry)
        for page in (
            self.kept_path,
            f"{self.kept_path}/edit",
            f"{self.kept_path}/another",
            f"{self.kept_path}/cancel",
            "/dag/registration",
        ):
            self.fail_each_call(partial(self.get, page))
        form = {**FORM, "nonce": [f"{NONCE}-in-a-fault"]}
        self.fail_each_call(partial(self.post, "/dag/registration", **form))
        key = {"Idempotency-Key": f"{NONCE}-and-json"}
        self.fail_each_call(partial(self.post_json, FORM, **key))
        changed = {**FORM, "name": [f"{NAME} i ett fel"], "revision": ["1"]}
        self.fail_each_call(partial(self.post, f"{self.kept_path}/edit", **changed))
        self.fail_each_call(partial(self.post, f"{self.register()}/cancel", revision=["1"]))
        self.fail_each_call(partial(self.contact_person.ask, CONTACT))
        self.fail_each_call(partial(self.contact_person.post, newest_link()))
        self._faults_of_the_desk()

    def _faults_of_the_desk(self) -> None:
        one, two = self.register_key(), self.register_key()
        for page in (
            "overview", "list", "duplicates", "list.csv", "labels", "kitchen", "notes", "send",
            "log", f"registrations/{one}", f"registrations/{one}/edit",
            f"duplicates/keep/{one}/{two}",
        ):  # fmt: skip
            self.fail_each_call(partial(self.contact_person.get, f"/desk/dag/{page}"))
        form = {**FORM, "revision": ["1"], "kept_revision": ["1"], "reason": [REASON]}
        form |= {"nonce": [f"{NONCE}-by-phone"], "text": [SEARCHED], "name": [f"{NAME} i ett fel"]}
        for page in (
            "list", "new", f"registrations/{two}/edit", f"duplicates/keep/{one}/{two}",
            f"registrations/{one}/remove", "send",
        ):  # fmt: skip
            self.fail_each_call(partial(self.contact_person.post, f"/desk/dag/{page}", **form))

    def _agenda_after_cache_expiry(self) -> None:
        self.clock.move(timing.STATE_SHOWN_FOR)
        self.get("/")

    def faults_of_runs(self) -> None:
        """Runs that send mails, and then close, with one call to the table or SES failing."""
        text = ses_event("Bounce", "summary-1-1", to=CONTACT, bounceType="Permanent")
        self.fail_each_call(partial(self.run, application.record_mail_event, sns_event(text)))
        # From the last call to the first, so that mails are left to send in the later runs.
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
        """Items with texts of a registration in place of numbers and instants."""
        path = self.kept_path
        found = {item["sk"]["S"]: item for item in items_in_the_table()}
        key = f"REG#{hash_token(path.rpartition('/')[2])}"
        damage = {"plate": NAME, "revision": NAME, "registered_at": ADDRESS, "changed_at": NOTE}
        self.enter()
        self.database.put({**found[key], **marshal(damage)})
        self.get(path)
        self.post(f"{path}/edit", **FORM, revision=["1"])
        for page in ("overview", "list", "list.csv", "labels", f"registrations/{key[4:]}"):
            self.contact_person.get(f"/desk/dag/{page}")
        self.clock.move(timedelta(hours=2))
        self.tick(3)
        self.database.put({**found["CONTROL"], **marshal({"state": NAME})})
        self.clock.move(timing.STATE_SHOWN_FOR)
        for page in ("/", "/dag/registration", path):
            self.get(page)
        self.tick()
        self.database.put(found["CONTROL"])
        self.contact_person.post("/desk/leave")

    def deletion(self) -> None:
        """The deletion, although calls fail and one item is damaged."""
        self.clock.now = self.event.deletes_at + timedelta(minutes=2)
        self.get(self.kept_path)
        self.tick_under_faults(range(1, 9))
        self.tick(3)
        for page in (self.kept_path, "/dag/registration", "/"):
            self.get(page)
        self.enter()
        self.contact_person.get("/desk/dag/overview")
