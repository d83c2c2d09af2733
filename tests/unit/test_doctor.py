from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
)

from chalicelib.control import Control, State
from chalicelib.deletion import Deletion
from chalicelib.event import Event
from chalicelib.event_file import parse_event
from chalicelib.table import StoreUnavailable
from management.doctor import CHECKS, Finding, examine, placeholders
from management.finishing import NotDeployed
from management.functions import Function
from management.policies import Place, policy
from management.site import (
    BundleFacts,
    FunctionFacts,
    IdentityFacts,
    MailSetFacts,
    RetryFacts,
    SendingFacts,
    Site,
    StateFile,
    TableFacts,
    wait_for_tick,
)
from management.stages import Stage
from tests.examples import NOW
from tests.sites import EVENT, EVENT_FILE, SENDER, STAGE, HealthySite, site_with

NO_ACCESS = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "No."}}, "Get")
EXPIRED = ClientError({"Error": {"Code": "ExpiredToken", "Message": "Too old."}}, "Get")
RECORDS = ("token._domainkey.boras.se  CNAME  token.dkim.amazonses.com",)

HEALTHY = HealthySite()
FUNCTIONS = {function.name: function for function in HEALTHY.functions}
CLOSED = Control(State.CLOSED, closes_at=EVENT.closes_at)


@dataclass(frozen=True)
class Mistake:
    """A fact that is otherwise than it must be, and what the doctor says of it.

    `also` are other checks that it is a mistake to as well.
    """

    check: str
    facts: dict[str, Any]
    said: str
    remedy: str
    also: set[str] = field(default_factory=set)


def environment(**variables: str) -> Stage:
    return of_stage(environment_variables={**STAGE.environment, **variables})


def of_stage(**settings: Any) -> Stage:
    return replace(STAGE, configuration={**STAGE.configuration, **settings})


def without_settings() -> Stage:
    return replace(STAGE, configuration={})


def event(old: str, new: str) -> Event:
    assert old in EVENT_FILE
    return parse_event(EVENT_FILE.replace(old, new))


def of_one(name: str, fact: str, value: Any) -> dict[str, Any]:
    """The fact of one function is another one."""
    healthy: Callable[[Function], Any] = getattr(HEALTHY, fact)
    return {fact: lambda function: value if function.name == name else healthy(function)}


def of_closing(fact: str, value: Any) -> dict[str, Any]:
    """The same of the closing."""
    healthy: Callable[[str], Any] = getattr(HEALTHY, fact)
    return {fact: lambda name: value if name == "close_registration" else healthy(name)}


def of_tick(fact: str, value: Any) -> dict[str, Any]:
    """The same, where a function is asked for by its name."""
    healthy: Callable[[str], Any] = getattr(HEALTHY, fact)
    return {fact: lambda name: value if name == "tick" else healthy(name)}


def api(**changes: Any) -> dict[str, Any]:
    every = HEALTHY.api["methodSettings"]["*/*"]
    return {"api": {"methodSettings": {"*/*": {**every, **changes}}}}


PROVISION, DEPLOY = "manage.py provision --stage prod", "chalice deploy --stage prod"
FIX, FINISH = "manage.py doctor --stage prod --fix", "manage.py finish --stage prod"
MISTAKES = [
    *(
        Mistake("credentials", {"account": fault}, "AWS does not know you", "README")
        for fault in (NoCredentialsError(), EXPIRED)
    ),
    Mistake(
        "account",
        {"deployed_account": "210987654321"},
        "was deployed to account 210987654321",
        "credentials",
    ),
    Mistake("region", {"region": "eu-west-1"}, "eu-west-1 is not where", "~/.aws/config"),
    Mistake(
        "region",
        {"event": event("eu-north-1", "eu-west-1")},
        "eu-north-1 is not where",
        "event.toml",
    ),
    Mistake(
        "region", {"deployed_region": "eu-west-1"}, "was deployed to eu-west-1", "~/.aws/config"
    ),
    Mistake(
        "Python",
        {"python": "python3.16", "runtime": "python3.15"},
        "Lambda has no python3.16",
        "make PYTHON=python3.15 deploy",
    ),
    *(
        Mistake(
            "stage's settings",
            {"stage": environment(**{name: "dukat-dev"})},
            f"{name} should be dukat-prod",
            ".chalice/config.json",
        )
        for name in ("TABLE_NAME", "MAIL_CONFIGURATION_SET", "MAIL_EVENTS_TOPIC")
    ),
    *(
        Mistake(
            "stage's settings",
            {"stage": environment(MAIL_SENDER=sender)},
            "MAIL_SENDER should be like",
            ".chalice/config.json",
        )
        for sender in ("", "Dukat", "Dukat <dukat@boras>")
    ),
    Mistake(
        "stage's settings",
        {"stage": without_settings()},
        "TABLE_NAME should be dukat-prod; MAIL_CONFIGURATION_SET should be dukat-prod; "
        "MAIL_EVENTS_TOPIC should be dukat-prod-mail-events; MAIL_SENDER should be like "
        "Dukat <dukat@boras.se>; api_gateway_stage should be prod, which the alarms watch",
        ".chalice/config.json",
    ),
    *(
        Mistake(
            "stage's settings",
            {"stage": of_stage(api_gateway_stage=name)},
            "api_gateway_stage should be prod",
            ".chalice/config.json",
        )
        for name in ("api", "dev")
    ),
    Mistake(
        "addresses",
        {"event": event("dukat@boras.se", "dukat@boras.example")},
        "still made up: operator",
        "chalicelib/event.toml",
    ),
    *(
        Mistake(
            "notice",
            {"event": event(text, f"{text}{unfilled}")},
            f"not filled in: {key}",
            "data protection officer",
        )
        for key, text in {
            "controller": 'controller = "Kommunstyrelsen i ',
            "controller_en": 'controller_en = "The Municipal ',
            "officer": 'officer = "',
            "officer_en": 'officer_en = "',
            "legal_basis": 'legal_basis = "',
            "legal_basis_en": 'legal_basis_en = "',
            "legal_basis_sensitive": 'legal_basis_sensitive = "',
            "legal_basis_sensitive_en": 'legal_basis_sensitive_en = "',
            "storage": 'storage = "',
            "storage_en": 'storage_en = "',
        }.items()
        for unfilled in ("[nämnd]",)
    ),
    *(
        Mistake(
            "notice", {"event": event(" i Borås Stad", f" {words}")}, "controller", "event.toml"
        )
        for words in ("<kommun>", "TODO", "xxx", "Fyll i", "???", "....", "____", "[]")
    ),
    Mistake(
        "notice",
        {"event": event("recipients = []", 'recipients = ["Polisen", "[vem?]"]')},
        "not filled in: recipients[2]",
        "event.toml",
    ),
    Mistake(
        "deadline",
        {"now": EVENT.closes_at},
        "the last day to register has passed",
        "last_day in chalicelib/event.toml",
    ),
    Mistake(
        "deadline",
        {"control": Control(closes_at=NOW)},
        "the last day to register has passed",
        "last_day in chalicelib/event.toml",
    ),
    Mistake(
        "deletion",
        {"control": CLOSED, "now": EVENT.deletes_at + timedelta(hours=6)},
        "personal data should have been deleted 2027-06-08 00:00",
        "docs/operations.md",
    ),
    Mistake(
        "deletion",
        {
            "control": replace(CLOSED, deletion=Deletion(EVENT.deletes_at)),
            "now": EVENT.deletes_at + timedelta(hours=6),
        },
        "personal data should have been deleted 2027-06-08 00:00",
        "docs/operations.md",
    ),
    Mistake(
        "file modes",
        {"unreadable_files": [Path("app.py"), Path("chalicelib/event.toml")]},
        "2 files, such as app.py",
        "chmod -R a+rX",
    ),
    Mistake(
        "policy files",
        {"outdated_policies": ["policy-tick-prod.json"]},
        "policy-tick-prod.json",
        "manage.py provision",
    ),
    Mistake("stack", {"stack_status": ""}, "the stack is not there", PROVISION),
    Mistake("stack", {"stack_status": "CREATE_FAILED"}, "the stack is CREATE_FAILED", PROVISION),
    Mistake(
        "stack",
        {"stack_status": "UPDATE_ROLLBACK_FAILED"},
        "the stack is UPDATE_ROLLBACK_FAILED",
        PROVISION,
    ),
    Mistake("stack", {"stack_differences": ["Table", "NoTick"]}, "Table, NoTick", PROVISION),
    Mistake("table", {"table": None}, "there is no table", PROVISION),
    Mistake("table", {"table": TableFacts(on_demand=False)}, "not billed on demand", FIX),
    Mistake("table", {"table": TableFacts(encrypted=False)}, "not encrypted", FIX),
    Mistake("table", {"table": TableFacts(protected=False)}, "not protected", FIX),
    Mistake("table", {"table": TableFacts(backup_days=0)}, "restored 0 days back", FIX),
    Mistake("table", {"table": TableFacts(backup_days=7)}, "restored 7 days back", FIX),
    Mistake("table", {"table": TableFacts(expires_by="")}, "expired items stay", FIX),
    Mistake("table", {"table": TableFacts(expires_by="other")}, "expired items stay", FIX),
    Mistake(
        "table",
        {"table": TableFacts(has_indexes=True)},
        "made by an earlier version",
        "manage.py add-stage",
    ),
    Mistake(
        "copies",
        {"copies": ["a replica in eu-west-1", "the backup before"]},
        "says nothing of a replica in eu-west-1, the backup before",
        "DynamoDB's console",
    ),
    Mistake("sender", {"identity": None}, "SES does not know the sender", PROVISION, {"DKIM"}),
    Mistake(
        "sender",
        {"identity": IdentityFacts("boras.se", verified=False, dkim="PENDING", records=RECORDS)},
        "may not send from boras.se yet",
        RECORDS[0],
        {"DKIM"},
    ),
    Mistake(
        "sender",
        {"identity": IdentityFacts("dukat@boras.se", verified=False)},
        "may not send from dukat@boras.se yet",
        "Follow the link in the mail that AWS sent to dukat@boras.se",
        {"DKIM"},
    ),
    Mistake(
        "DKIM",
        {"identity": IdentityFacts("boras.se", dkim="PENDING")},
        "DKIM is pending for boras.se",
        "SES's console",
    ),
    Mistake("DKIM", {"identity": IdentityFacts("a@boras.se")}, "may end up as junk", "domain"),
    Mistake(
        "DKIM",
        {"identity": IdentityFacts("boras.se", signing=False, records=RECORDS)},
        "DKIM is off for boras.se",
        "Turn Easy DKIM on",
    ),
    *(
        Mistake(
            "DKIM",
            {"identity": IdentityFacts("boras.se", dkim=status, records=RECORDS)},
            f"DKIM is {status.lower()} for boras.se",
            RECORDS[0],
        )
        for status in ("PENDING", "FAILED", "TEMPORARY_FAILURE")
    ),
    Mistake(
        "DKIM",
        {"identity": IdentityFacts("boras.se", dkim="FAILED", records=RECORDS)},
        "DKIM is failed",
        f"when they are there, {PROVISION}",
    ),
    Mistake("sending", {"sending": SendingFacts(enabled=False)}, "paused", "SES's console"),
    Mistake(
        "sending", {"sending": SendingFacts(production=False)}, "sandbox", "Request production"
    ),
    Mistake("mail events", {"mail_set": None}, "does not tell", PROVISION),
    Mistake("mail events", {"mail_set": MailSetFacts()}, "does not tell", PROVISION),
    Mistake(
        "mail events",
        {"mail_set": MailSetFacts(topics=("dukat-dev-mail-events",))},
        "does not tell",
        PROVISION,
    ),
    Mistake(
        "mail events",
        {"mail_set": MailSetFacts(requires_tls=False, topics=("dukat-prod-mail-events",))},
        "unencrypted",
        FIX,
    ),
    Mistake(
        "recipients",
        {"is_suppressed": lambda address: address == EVENT.contacts[1].email},
        "mails these no more, since a mail bounced: contact person 2",
        "suppression list",
    ),
    Mistake(
        "recipients",
        {"is_suppressed": lambda address: address == EVENT.operator},
        "the operator",
        "suppression list",
    ),
    Mistake("alarm mails", {"alarm_recipients": {}}, "has not confirmed", "Follow the link"),
    Mistake("alarm mails", {"alarm_recipients": {}}, "not confirmed", f"{PROVISION} sends a new"),
    Mistake(
        "alarm mails",
        {"alarm_recipients": {EVENT.operator: False, "other@boras.se": True}},
        "has not confirmed",
        "Follow the link",
    ),
    Mistake("state file", {"state_file": StateFile(here=False)}, "prod.json is not here", DEPLOY),
    Mistake(
        "state file", {"state_file": StateFile(committed=False)}, "makes a second service", "git"
    ),
    Mistake(
        "functions",
        of_one("api_handler", "deployed_function", None),
        "dukat-prod is not there",
        DEPLOY,
    ),
    Mistake(
        "functions",
        of_one("tick", "deployed_function", FunctionFacts("app.tock", "python3.12")),
        "dukat-prod-tick calls app.tock, not app.tick",
        DEPLOY,
    ),
    Mistake(
        "functions",
        of_one("tick", "deployed_function", FunctionFacts("app.tick", "python3.12", {"A": "b"})),
        "dukat-prod-tick has other settings",
        DEPLOY,
    ),
    Mistake(
        "runtime",
        of_one(
            "tick",
            "deployed_function",
            FunctionFacts("app.tick", "python3.11", STAGE.environment),
        ),
        "the functions run python3.11, python3.12, this is python3.12",
        DEPLOY,
    ),
    Mistake(
        "runtime",
        {"deployed_function": lambda _: None},
        "the functions run nothing",
        DEPLOY,
        {"functions"},
    ),
    Mistake("package", {"bundle": None}, "nothing is deployed", DEPLOY),
    Mistake("package", {"bundle": BundleFacts(missing=("app.py",))}, "lacks app.py", DEPLOY),
    Mistake(
        "package",
        {"bundle": BundleFacts(stale=("a", "b", "c", "d", "e"))},
        "has otherwise than this folder a, b, c and 2 more",
        "rm -rf .chalice/deployments",
    ),
    Mistake("package", {"bundle": BundleFacts(unreadable=("a",))}, "can't read a", DEPLOY),
    Mistake("policies", of_one("tick", "deployed_policy", None), "dukat-prod-tick", PROVISION),
    Mistake(
        "policies",
        of_one("tick", "deployed_policy", policy(FUNCTIONS["tick"], STAGE, EVENT.id, Place())),
        "not what the code calls: dukat-prod-tick",
        PROVISION,
    ),
    Mistake(
        "policies",
        of_one("tick", "other_policies", ["AdministratorAccess"]),
        "more than the code calls: dukat-prod-tick has AdministratorAccess",
        "IAM's console",
    ),
    Mistake("schedules", of_tick("rule", ""), "tick is off, not rate(1 minute)", DEPLOY),
    Mistake(
        "schedules",
        of_tick("rule", "rate(5 minutes)"),
        "tick is rate(5 minutes), not rate(1 minute)",
        DEPLOY,
    ),
    *(
        Mistake(
            "finish",
            of_closing("retries", found),
            "failed events of close_registration are lost",
            FINISH,
        )
        for found in (
            None,
            RetryFacts("", 2, 3600),
            RetryFacts("dukat-dev-failed-events", 2, 3600),
            RetryFacts("dukat-prod-failed-events", 0, 3600),
            RetryFacts("dukat-prod-failed-events", 2, 21600),
        )
    ),
    *(
        Mistake("finish", of_tick("retries", found), "events of tick are kept or repeated", FINISH)
        for found in (
            None,
            RetryFacts("dukat-prod-failed-events", 0, 120),
            RetryFacts("", 2, 120),
            RetryFacts("", 0, 21600),
        )
    ),
    Mistake(
        "finish",
        of_one("tick", "log_days", 0),
        "/aws/lambda/dukat-prod-tick is kept for ever",
        FINISH,
    ),
    Mistake(
        "finish",
        of_one("tick", "log_days", None),
        "/aws/lambda/dukat-prod-tick is not there",
        FINISH,
    ),
    Mistake(
        "finish",
        of_one("tick", "log_days", 60),
        "/aws/lambda/dukat-prod-tick is kept 60 days, not as the privacy notice says",
        FINISH,
    ),
    Mistake(
        "finish",
        {"event": event("log_days = 30", "log_days = 14")},
        "/aws/lambda/dukat-prod is kept 30 days, not as the privacy notice says",
        FINISH,
    ),
    Mistake("finish", api(throttlingRateLimit=10000.0), "any number of requests", FINISH),
    Mistake("finish", api(loggingLevel="INFO"), "or logs them", FINISH),
    Mistake("finish", {"told_address": ""}, "don't lead to their pages", FINISH),
    Mistake(
        "pages",
        {"answers": lambda path: 500 if path == "/privacy" else 200},
        "/privacy answers 500",
        "docs/operations.md",
    ),
    Mistake(
        "pages",
        {"answers": lambda path: 404 if path == "/registration" else 200},
        "/registration answers 404",
        "docs/operations.md",
    ),
    Mistake(
        "pages",
        {"answers": lambda path: 502 if path == "/" else 200},
        "/ answers 502",
        "docs/operations.md",
    ),
    Mistake("tick", {"ticked_at": None}, "no tick has ended well", "docs/operations.md, no-tick"),
    Mistake(
        "alarms",
        {"ringing": ["dukat-prod-no-tick", "dukat-prod-web-5xx"], "ticked_at": None},
        "ringing: dukat-prod-no-tick, dukat-prod-web-5xx",
        "docs/operations.md",
        {"tick"},
    ),
    Mistake("alarms", {"failed_events": 1}, "events in the queue", "docs/operations.md"),
]


def wrong(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.check: finding for finding in findings if not finding.well}


def test_a_healthy_stage_is_well_in_every_respect() -> None:
    findings = list(examine(HEALTHY))
    assert [finding.check for finding in findings] == [check.name for check in CHECKS]
    assert not wrong(findings)
    assert all(finding.said and not finding.remedy for finding in findings)


def test_the_alarm_of_no_tick_is_well_while_ticks_go_well() -> None:
    assert not wrong(list(examine(site_with(ringing=["dukat-prod-no-tick"]))))


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])
def test_a_stack_that_is_whole_is_well_however_it_came_so(status: str) -> None:
    assert not wrong(list(examine(site_with(stack_status=status))))


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: f"{one.check}: {one.said}")
def test_a_mistake_is_found_by_its_check_with_what_to_do(mistake: Mistake) -> None:
    found = wrong(list(examine(site_with(**mistake.facts))))
    assert found.keys() == {mistake.check} | mistake.also
    assert mistake.said in found[mistake.check].said
    assert mistake.remedy in found[mistake.check].remedy


def test_every_check_has_a_mistake_that_is_tried() -> None:
    # A mistake in the event file is told before there is a site to look at: see
    # tests/integration/test_doctor_command.py.
    tried = {mistake.check for mistake in MISTAKES} | {"event file"}
    assert {check.name for check in CHECKS} == tried


def test_several_mistakes_of_a_kind_are_told_together() -> None:
    facts = {"table": TableFacts(protected=False, expires_by="")}
    found = wrong(list(examine(site_with(**facts, rule=lambda _: ""))))
    assert found["table"].said == "not protected from deletion; expired items stay"
    assert found["schedules"].said.count(" is off, not ") == 2


def test_without_credentials_only_that_is_said() -> None:
    (finding,) = examine(site_with(account=NoCredentialsError()))
    assert (finding.check, finding.well) == ("credentials", False)


# Each fact of AWS's, and the checks that ask for it.
ASKED_BY = {
    "control": {"deadline", "deletion"},
    "outdated_policies": {"policy files"},
    "stack_status": {"stack"},
    "stack_differences": {"stack"},
    "table": {"table"},
    "copies": {"copies"},
    "identity": {"sender", "DKIM"},
    "sending": {"sending"},
    "mail_set": {"mail events"},
    "is_suppressed": {"recipients"},
    "alarm_recipients": {"alarm mails"},
    "deployed_function": {"functions", "runtime"},
    "bundle": {"package"},
    "deployed_policy": {"policies"},
    "other_policies": {"policies"},
    "rule": {"schedules"},
    "retries": {"finish"},
    "log_days": {"finish"},
    "api": {"finish"},
    "answers": {"pages"},
    "ticked_at": {"tick"},
    "ringing": {"alarms"},
    "failed_events": {"alarms"},
}


@pytest.mark.parametrize("fact", ASKED_BY)
@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (NO_ACCESS, "AWS did not say: An error occurred (AccessDeniedException)"),
        (EndpointConnectionError(endpoint_url="https://x"), "AWS did not say: Could not connect"),
        (StoreUnavailable("AccessDeniedException"), "AWS did not say: AccessDeniedException"),
        (OSError("x\ny"), "AWS did not say: x"),
        (TimeoutError(), "AWS did not say: TimeoutError"),
        (NotDeployed("Run chalice deploy."), "not deployed yet"),
    ],
    ids=lambda one: type(one).__name__,
)
def test_what_can_not_be_asked_is_a_finding_and_the_rest_is_looked_at(
    fact: str, fault: Exception, said: str
) -> None:
    findings = list(examine(site_with(**{fact: fault})))
    assert len(findings) == len(CHECKS)
    found = wrong(findings)
    assert found.keys() == ASKED_BY[fact]
    assert all(finding.said.startswith(said) and finding.remedy for finding in found.values())


def test_before_a_deploy_nothing_is_looked_at_that_a_deploy_makes() -> None:
    refused = {fact: AssertionError(fact) for fact in ASKED_BY.keys() - {"control"}}
    findings = list(examine(site_with(**refused, state_file=StateFile(here=False)),
                            only_before_deploy=True))  # fmt: skip
    assert not wrong(findings)
    assert [finding.check for finding in findings] == [
        "credentials", "account", "region", "Python", "event file", "stage's settings", "addresses",
        "notice", "deadline", "file modes",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("operator", '[operator]\nemail = "dukat@boras.se'),
        ("contact person 1", "melia.hadzisalihovic@boras.se"),
        ("contact person 2", "asa.skytt.jansson@boras.se"),
        ("[privacy] controller_email", "kommunstyrelsen@boras.se"),
        ("[privacy] officer_email", "dataskyddsombud@boras.se"),
        ("[accessibility] contact", 'contact = "dukat@boras.se'),
    ],
)
def test_an_address_that_is_made_up_is_found_wherever_it_stands(place: str, text: str) -> None:
    made_up = event(text, text.replace("boras.se", "boras.example"))
    assert placeholders(made_up, SENDER) == [place]


@pytest.mark.parametrize(
    "domain",
    ["boras.example", "EXAMPLE.com", "mail.example.net", "example.org", "boras.test",
     "boras.invalid", "mail.localhost"],
)  # fmt: skip
def test_every_domain_that_belongs_to_nobody_is_found(domain: str) -> None:
    assert placeholders(EVENT, f"Dukat <dukat@{domain}>") == ["MAIL_SENDER"]


@pytest.mark.parametrize(
    "address",
    ["dukat@boras.se", "anna.example@boras.se", "dukat@example.se", "dukat@mail.example-stad.se",
     "dukat@test.boras.se", "dukat@latest.se"],
)  # fmt: skip
def test_a_real_address_is_let_be(address: str) -> None:
    assert placeholders(EVENT, f"Dukat <{address}>") == []


def test_what_people_write_is_no_placeholder() -> None:
    written = "Kommunstyrelsen (org.nr 212000-1561), ”Rådhuset”; a/b. Vad då? Jo..."
    site = site_with(event=event("Kommunstyrelsen i Borås Stad", written))
    assert not wrong(list(examine(site)))


def test_the_notice_is_told_with_the_day_after_which_nothing_is_kept() -> None:
    said = {finding.check: finding.said for finding in examine(HEALTHY)}["notice"]
    assert said == "Kommunstyrelsen i Borås Stad; everything personal is kept through 2027-06-07"


def deadline_of(site: Site) -> Finding:
    return {finding.check: finding for finding in examine(site)}["deadline"]


def test_the_deadline_is_told_in_the_events_own_time() -> None:
    assert deadline_of(HEALTHY).said == "registration closes 2027-05-25 00:00"


@pytest.mark.parametrize("state", [State.CLOSED, State.SUMMARISED])
def test_a_registration_that_was_closed_is_well(state: State) -> None:
    closed = Control(state, closes_at=NOW - timedelta(hours=1))
    for now in (NOW, EVENT.closes_at + timedelta(days=1)):
        finding = deadline_of(site_with(control=closed, now=now))
        assert finding.well
        assert finding.said == f"registration is {state}"


def test_a_reopened_registration_closes_at_its_own_deadline() -> None:
    until = (EVENT.closes_at + timedelta(hours=36)).astimezone(UTC)
    reopened = site_with(control=Control(closes_at=until), now=EVENT.closes_at)
    assert deadline_of(reopened).said == "registration closes 2027-05-26 12:00"


def test_the_deletion_is_told_before_and_after_it() -> None:
    def said(**facts: object) -> str:
        return {finding.check: finding.said for finding in examine(site_with(**facts))}["deletion"]

    assert said() == "personal data are deleted 2027-06-08 00:00"
    ended_at = EVENT.deletes_at.astimezone(UTC) + timedelta(minutes=3)
    done = Control(deletion=Deletion(EVENT.deletes_at, ended_at=ended_at))
    late = EVENT.deletes_at + timedelta(days=9)
    assert said(control=done, now=late) == "personal data were deleted 2027-06-08 00:03"


def looks(*ticks: datetime | None) -> Callable[[], Site]:
    """The site at each look for a tick; before them it is asked for the time."""
    seen = iter((None, *ticks))
    return lambda: site_with(ticked_at=next(seen))


def test_the_wait_for_a_tick_ends_with_it() -> None:
    pauses: list[float] = []
    wait_for_tick(looks(None, None, NOW), pauses.append)
    assert len(pauses) == 2


def test_a_tick_from_before_the_deploy_does_not_end_the_wait() -> None:
    pauses: list[float] = []
    old, new = NOW - timedelta(seconds=1), NOW + timedelta(minutes=1)
    wait_for_tick(looks(old, old, old, new), pauses.append)
    assert len(pauses) == 3


def test_the_wait_for_a_tick_ends_after_three_minutes() -> None:
    pauses: list[float] = []
    wait_for_tick(lambda: site_with(ticked_at=None), pauses.append)
    assert sum(pauses) == 180


@pytest.mark.parametrize("fault", [NO_ACCESS, EndpointConnectionError(endpoint_url="https://x")])
def test_nothing_is_waited_for_that_can_not_be_asked(fault: BotoCoreError | ClientError) -> None:
    pauses: list[float] = []
    wait_for_tick(lambda: site_with(ticked_at=fault), pauses.append)
    assert pauses == []
