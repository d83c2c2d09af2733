"""The doctor's checks on a healthy stage with single facts changed."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta
from itertools import dropwhile
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from chalicelib.dynamo.errors import StoreUnavailable
from chalicelib.event.changes import Changes, RowChange, row_key
from chalicelib.event.events import Events
from chalicelib.event.file import parse_event
from chalicelib.event.registry import entry_of
from chalicelib.lifecycle.deletion_progress import DeletionProgress
from chalicelib.lifecycle.state import EventState, Phase
from management.deploy.deployment import NotDeployed
from management.doctor.deployed_functions import DeployedFunction
from management.doctor.deployed_package import PackageFaults
from management.doctor.doctor import CHECKS, Finding, examine
from management.doctor.event_file import placeholder_addresses, placeholders
from management.doctor.mail_delivery import ConfigurationSet, SendingStatus
from management.doctor.post_deploy_settings import FailedEventSettings
from management.doctor.project_files import StateFile
from management.doctor.running_service import wait_for_tick
from management.doctor.sender_identity import SenderIdentity
from management.doctor.table_settings import TableSettings
from management.stage.policies import Place, policy
from management.stage.registered import RegisteredEvent
from management.stage.stages import Stage
from tests.examples import NOW, only
from tests.management.healthy_stage import (
    EVENT,
    STAGE,
    WHOLE_FILE,
    HealthyStage,
    stage_with,
)

NO_ACCESS = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "No."}}, "Get")
EXPIRED = ClientError({"Error": {"Code": "ExpiredToken", "Message": "Too old."}}, "Get")
RECORDS = ("token._domainkey.boras.se  CNAME  token.dkim.amazonses.com",)

HEALTHY = HealthyStage()
TICK = next(function for function in HEALTHY.functions if function.name == "tick")
DEPLOYED_TICK = DeployedFunction(TICK.handler, HEALTHY.python, STAGE.environment)
CHANGED = Changes().with_row(row_key(EVENT.agenda[0]), RowChange("08:35"))
CLOSED = EventState(Phase.CLOSED, closes_at=EVENT.closes_at)


class Mistake(NamedTuple):
    """Wrong `facts`, the check that must fail on them, and parts of its message and remedy.

    `also` are other checks that must fail too.
    """

    check: str
    message: str
    remedy: str
    also: set[str]
    facts: dict[str, Any]


def mistake(check: str, message: str, remedy: str = "", also: str = "", **facts: Any) -> Mistake:
    return Mistake(check, message, remedy or REMEDIES[check], {also} - {""}, facts)


def environment(**variables: str) -> Stage:
    return of_stage(environment_variables={**STAGE.environment, **variables})


def of_stage(**settings: Any) -> Stage:
    return replace(STAGE, configuration={**STAGE.configuration, **settings})


def events(old: str, new: str) -> Events:
    assert old in WHOLE_FILE
    return only(parse_event(EVENT.id, WHOLE_FILE.replace(old, new)))


def of(function: str, fact: str, value: Any) -> dict[str, Any]:
    """The healthy facts, but `value` for one function."""
    healthy: Callable[[Any], Any] = getattr(HEALTHY, fact)
    return {fact: lambda one: value if getattr(one, "name", one) == function else healthy(one)}


def api(**changes: Any) -> dict[str, Any]:
    every = HEALTHY.api_stage["methodSettings"]["*/*"]
    return {"methodSettings": {"*/*": {**every, **changes}}}


def answering(path: str, status: int) -> Callable[[str], int]:
    """The status of each path: 200, but `status` for `path`."""
    return lambda requested: status if requested == path else 200


GONE = "events/friluft.toml is gone"


def holding(registrations: int = 3, meals: tuple[str, ...] = (), **facts: Any) -> RegisteredEvent:
    """The tests' event in the table, but with other facts than those of its file."""
    entry = replace(entry_of(EVENT, ""), **facts)
    found = EVENT if entry.id == EVENT.id else None
    return RegisteredEvent(entry, registrations, frozenset(meals), found)


def ses(name: str = "boras.se", **facts: Any) -> SenderIdentity:
    return SenderIdentity(name, **facts)


PROVISION, DEPLOY = "manage.py provision --stage prod", "chalice deploy --stage prod"
FIX, FINISH = "manage.py doctor --stage prod --fix", "manage.py finish --stage prod"
RECEIPTS = ConfigurationSet(topics=("dukat-prod-mail-events",), suppresses=True)
PASSED, EVENTS = "the last day to register has passed", "dukat-prod-failed-events"
# Part of the remedy of each check, unless a mistake names another.
REMEDIES = {
    "credentials": "README",
    "account": "credentials",
    "region": "~/.aws/config",
    "Python": "make PYTHON=python3.15 deploy STAGE=prod",
    "stage's settings": ".chalice/config.json",
    "addresses": "chalicelib/organisation.toml, chalicelib/events",
    "phones": "or country in [event]",
    "notice": "chalicelib/organisation.toml or the event's file",
    "deadline": "last_day in the event's file",
    "deletion": "docs/operations.md",
    "registered events": "CHANGED=<id>",
    "file modes": "chmod -R a+rX",
    "policy files": "manage.py provision",
    "stack": PROVISION,
    "table": FIX,
    "copies": "DynamoDB's console",
    "sender": PROVISION,
    "DKIM": RECORDS[0],
    "sending": "SES's console",
    "mail events": PROVISION,
    "receipts": PROVISION,
    "recipients": "suppression list",
    "alarm mails": "Follow the link",
    "state file": DEPLOY,
    "functions": "make deploy STAGE=prod",
    "runtime": DEPLOY,
    "runtime's end": "make PYTHON=python3.14 deploy STAGE=prod",
    "package": "make deploy STAGE=prod",
    "policies": PROVISION,
    "schedules": DEPLOY,
    "reserved runs": FINISH,
    "finish": FINISH,
    "pages": "docs/operations.md",
    "tick": "docs/operations.md, no-tick",
    "alarms": "docs/operations.md",
}
MISTAKES = [
    mistake("credentials", "AWS does not accept the credentials", account=NoCredentialsError()),
    mistake("credentials", "AWS does not accept the credentials", account=EXPIRED),
    mistake("account", "was deployed to account 210987654321", deployed_account="210987654321"),
    mistake(
        "region", "uses eu-west-1, but the privacy notice names eu-north-1", region="eu-west-1"
    ),
    mistake(
        "region",
        "uses eu-north-1, but the privacy notice names eu-west-1",
        events=events("eu-north-1", "eu-west-1"),
    ),
    mistake("region", "was deployed to eu-west-1", deployed_region="eu-west-1"),
    mistake(
        "Python", "Lambda has no runtime python3.16", python="python3.16", runtime="python3.15"
    ),
    *(
        mistake(
            "stage's settings",
            f"{name} should be dukat-prod",
            stage=environment(**{name: "dukat-dev"}),
        )
        for name in ("TABLE_NAME", "MAIL_CONFIGURATION_SET", "MAIL_EVENTS_TOPIC")
    ),
    *(
        mistake("stage's settings", "MAIL_SENDER should be", stage=environment(MAIL_SENDER=sender))
        for sender in ("", "Dukat", "Dukat <dukat@boras>")
    ),
    *(
        mistake("stage's settings", "should be prod", stage=of_stage(api_gateway_stage=name))
        for name in ("api", "dev")
    ),
    mistake(
        "stage's settings",
        "TABLE_NAME should be dukat-prod; MAIL_CONFIGURATION_SET should be dukat-prod; "
        "MAIL_EVENTS_TOPIC should be dukat-prod-mail-events; MAIL_SENDER should be like "
        "Dukat <dukat@boras.se>; api_gateway_stage should be prod, which the alarms watch",
        stage=replace(STAGE, configuration={}),
    ),
    mistake(
        "addresses", "placeholders: dag: operator", events=events("dukat@boras.se", "a@b.example")
    ),
    mistake(
        "phones",
        "no such phone number: dag: contact person 1: 073-432 87",
        events=events("073-432 87 30", "073-432 87"),
    ),
    *(
        mistake("notice", f"not filled in: dag: {key}", events=events(text, f"{text}[nämnd]"))
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
    ),
    *(
        mistake("notice", "controller", events=events(" i Borås Stad", f" {words}"))
        for words in ("<kommun>", "TODO", "xxx", "Fyll i", "???", "....", "____", "[]")
    ),
    mistake(
        "notice",
        "not filled in: dag: recipients[2]",
        events=events("recipients = []", 'recipients = ["Polisen", "[vem?]"]'),
    ),
    mistake("deadline", PASSED, now=EVENT.closes_at),
    *(
        mistake("registered events", words, registered=[held], also=also)
        for words, held, also in (
            (f"prod holds friluft with 3 registrations, and {GONE}", holding(id="friluft"), ""),
            (
                "its time zone was Europe/Helsinki and is now",
                holding(timezone="Europe/Helsinki"),
                "",
            ),
            ("3 registrations will be deleted 2027-06-08", holding(ends_at=NOW), ""),
            ("its file no longer has the meals dinner", holding(meals=("dinner",)), ""),
        )
    ),
    mistake("deadline", PASSED, event_state=EventState(closes_at=NOW)),
    *(
        mistake(
            "deletion",
            "personal data should have been deleted: dag: 2027-06-08 00:00",
            event_state=state,
            now=EVENT.deletes_at + timedelta(hours=6),
        )
        for state in (CLOSED, replace(CLOSED, deletion=DeletionProgress(EVENT.deletes_at)))
    ),
    mistake("file modes", "2 files, such as a.py", unreadable_files=[Path("a.py"), Path("b.py")]),
    mistake("policy files", "policy-tick-prod.json", outdated_policies=["policy-tick-prod.json"]),
    mistake("stack", "are not created yet", stack_status=""),
    mistake("stack", "the stack is CREATE_FAILED", stack_status="CREATE_FAILED"),
    mistake("stack", "is UPDATE_ROLLBACK_FAILED", stack_status="UPDATE_ROLLBACK_FAILED"),
    mistake("stack", "Table, NoTick", stack_differences=["Table", "NoTick"]),
    mistake("table", "there is no table", PROVISION, table=None),
    mistake("table", "not billed on demand", table=TableSettings(on_demand=False)),
    mistake("table", "not encrypted", table=TableSettings(encrypted=False)),
    mistake("table", "not protected", table=TableSettings(protected=False)),
    mistake(
        "table",
        "restored 0 days back, but the privacy notice says 35",
        table=TableSettings(backup_days=0),
    ),
    mistake("table", "restored 7 days back", table=TableSettings(backup_days=7)),
    mistake("table", "expired items are not deleted", table=TableSettings(expires_by="")),
    mistake("table", "expired items are not deleted", table=TableSettings(expires_by="other")),
    mistake(
        "table", "earlier version", "manage.py add-stage", table=TableSettings(has_indexes=True)
    ),
    mistake(
        "copies",
        "does not name a stream, the backup x",
        table_copies=["a stream", "the backup x"],
    ),
    mistake("sender", "SES does not know the sender", also="DKIM", sender=None),
    mistake(
        "sender",
        "may not send from boras.se yet",
        RECORDS[0],
        "DKIM",
        sender=ses(verified=False, dkim="PENDING", records=RECORDS),
    ),
    mistake(
        "sender",
        "may not send from dukat@boras.se yet",
        "Follow the link in the mail that AWS sent to dukat@boras.se",
        "DKIM",
        sender=ses("dukat@boras.se", verified=False),
    ),
    mistake("DKIM", "DKIM is pending for boras.se", "SES's console", sender=ses(dkim="PENDING")),
    mistake("DKIM", "may end up as junk", "domain", sender=ses("a@boras.se")),
    mistake("DKIM", "DKIM is off for boras.se", "Turn Easy DKIM on", sender=ses(signing=False)),
    *(
        mistake(
            "DKIM",
            f"DKIM is {status.lower()} for boras.se",
            sender=ses(dkim=status, records=RECORDS),
        )
        for status in ("PENDING", "FAILED", "TEMPORARY_FAILURE")
    ),
    mistake(
        "DKIM",
        "DKIM is failed",
        f"When they are in place: {PROVISION}",
        sender=ses(dkim="FAILED", records=RECORDS),
    ),
    mistake("sending", "paused", sending=SendingStatus(enabled=False)),
    mistake("sending", "sandbox", "Request production", sending=SendingStatus(production=False)),
    mistake("mail events", "does not report", configuration_set=None),
    mistake("mail events", "does not report", configuration_set=ConfigurationSet()),
    mistake(
        "mail events",
        "does not report",
        configuration_set=ConfigurationSet(topics=("dukat-dev-mail-events",)),
    ),
    mistake(
        "mail events",
        "unencrypted",
        FIX,
        configuration_set=ConfigurationSet(requires_tls=False, topics=("dukat-prod-mail-events",)),
    ),
    mistake("receipts", "no configuration set of their own", PROVISION, receipt_set=None),
    mistake("receipts", "does not report", PROVISION, receipt_set=ConfigurationSet()),
    mistake("receipts", "unencrypted", FIX, receipt_set=replace(RECEIPTS, requires_tls=False)),
    mistake("receipts", "sent again", FIX, receipt_set=replace(RECEIPTS, suppresses=False)),
    mistake("receipts", "keeps other mails", FIX, configuration_set=RECEIPTS),
    mistake(
        "recipients",
        "suppression list, after a bounce or complaint: dag: contact person 2",
        is_suppressed=lambda address: address == EVENT.contacts[1].email,
    ),
    mistake("recipients", "the operator", is_suppressed=lambda one: one == EVENT.operator),
    mistake("alarm mails", "has not confirmed", alarm_recipients={}),
    mistake("alarm mails", "not confirmed", f"{PROVISION} sends a new", alarm_recipients={}),
    mistake(
        "alarm mails",
        "has not confirmed",
        alarm_recipients={EVENT.operator: False, "other@boras.se": True},
    ),
    mistake("state file", "prod.json does not exist", state_file=StateFile(exists=False)),
    mistake("state file", "creates a second service", "git", state_file=StateFile(committed=False)),
    mistake(
        "functions", "dukat-prod is not deployed", **of("api_handler", "deployed_function", None)
    ),
    *(
        mistake("functions", f"dukat-prod-tick {fault}", **of("tick", "deployed_function", found))
        for fault, found in {
            "runs app.tock, not app.tick": DeployedFunction("app.tock", "python3.12"),
            "does not have the environment set": DeployedFunction(
                "app.tick", "python3.12", {"A": "b"}
            ),
        }.items()
    ),
    mistake(
        "runtime",
        "the functions run python3.11, python3.12, this machine runs python3.12",
        **of("tick", "deployed_function", replace(DEPLOYED_TICK, runtime="python3.11")),
    ),
    mistake(
        "functions", "not deployed yet", "make deploy STAGE=prod", deployed_function=lambda _: None
    ),
    mistake(
        "runtime's end",
        "Lambda maintains python3.12 until 2028-10-31 and takes no new code for it from "
        "2029-01-10; the data of dag are deleted 2028-11-08",
        events=events("2027-05-", "2028-10-"),
    ),
    mistake("package", "nothing is deployed", package_faults=None),
    mistake("package", "lacks app.py", package_faults=PackageFaults(missing=("app.py",))),
    mistake(
        "package",
        "files that Lambda can't read: a",
        package_faults=PackageFaults(unreadable=("a",)),
    ),
    mistake(
        "package",
        "differs from this folder in a, b, c and 2 more",
        "make deploy STAGE=prod",
        package_faults=PackageFaults(stale=("a", "b", "c", "d", "e")),
    ),
    mistake("policies", "dukat-prod-tick", **of("tick", "deployed_policy", None)),
    mistake(
        "policies",
        "is not what the code needs: dukat-prod-tick",
        **of("tick", "deployed_policy", policy(TICK, STAGE, Place())),
    ),
    mistake(
        "policies",
        "more permissions than the code needs: dukat-prod-tick has AdministratorAccess",
        "IAM's console",
        **of("tick", "other_policies", ["AdministratorAccess"]),
    ),
    mistake("schedules", "tick is off, not rate(1 minute)", **of("tick", "deployed_schedule", "")),
    mistake(
        "schedules",
        "tick is rate(5 minutes), not rate(1 minute)",
        **of("tick", "deployed_schedule", "rate(5 minutes)"),
    ),
    mistake("reserved runs", "no runs are reserved for tick", **of("tick", "reserved_runs", 0)),
    mistake(
        "reserved runs",
        "share 10 concurrent runs, too few to reserve any",
        "Concurrent executions: request 1000. Then: manage.py finish --stage prod",
        **of("tick", "reserved_runs", 0),
        unreserved_runs=10,
    ),
    *(
        mistake(
            "finish",
            "failed events of close_registration are lost",
            **of("close_registration", "failed_event_settings", found),
        )
        for found in (
            None,
            FailedEventSettings("", 2, 3600),
            FailedEventSettings("dukat-dev-failed-events", 2, 3600),
            FailedEventSettings(EVENTS, 0, 3600),
            FailedEventSettings(EVENTS, 2, 21600),
        )
    ),
    *(
        mistake(
            "finish",
            "events of tick are queued or retried",
            **of("tick", "failed_event_settings", found),
        )
        for found in (
            None,
            FailedEventSettings(EVENTS, 0, 120),
            FailedEventSettings("", 2, 120),
            FailedEventSettings("", 0, 21600),
        )
    ),
    *(
        mistake("finish", f"/aws/lambda/dukat-prod-tick {fault}", **of("tick", "log_days", days))
        for fault, days in {
            "is kept for ever, but the privacy notice says 30 days": 0,
            "does not exist": None,
            "is kept 60 days, but the privacy notice says 30 days": 60,
        }.items()
    ),
    mistake(
        "finish",
        "/aws/lambda/dukat-prod is kept 30 days, but the privacy notice says 14 days",
        events=events("log_days = 30", "log_days = 14"),
    ),
    mistake("finish", "not throttled", api_stage=api(throttlingRateLimit=10000.0)),
    mistake("finish", "or logs requests", api_stage=api(loggingLevel="INFO")),
    mistake("finish", "don't lead to the pages", base_urls_of_mails={""}),
    mistake("finish", "the API's own answers are AWS's", deployment_description=""),
    mistake(
        "finish", "or of an earlier event file", deployment_description="Gateway responses 0123"
    ),
    *(
        mistake("pages", f"{path} answers {status}", page_status=answering(path, status))
        for path, status in {
            "/dag/privacy": 500,
            "/dag/registration": 404,
            "/": 502,
        }.items()
    ),
    mistake("tick", "no tick has succeeded", ticked_at=None),
    mistake(
        "programme",
        "have changed the programme",
        'events/dag.toml, 8.30–8.40 Inledning:\n  starts = "8.35"',
        event_state=EventState(changes=CHANGED.to_json()),
    ),
    mistake(
        "alarms",
        "active: dukat-prod-no-tick, dukat-prod-web-5xx",
        also="tick",
        active_alarms=["dukat-prod-no-tick", "dukat-prod-web-5xx"],
        ticked_at=None,
    ),
    mistake("alarms", "failed events in the queue", failed_events=1),
]


def failures(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.check: finding for finding in findings if not finding.passed}


def test_a_healthy_stage_passes_every_check() -> None:
    findings = list(examine(HEALTHY))
    assert [finding.check for finding in findings] == [check.name for check in CHECKS]
    assert not failures(findings)
    assert all(finding.message and not finding.remedy for finding in findings)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: f"{one.check}: {one.message}")
def test_each_mistake_fails_its_check_with_a_remedy(mistake: Mistake) -> None:
    found = failures(list(examine(stage_with(**mistake.facts))))
    assert found.keys() == {mistake.check, *mistake.also}
    assert mistake.message in found[mistake.check].message
    assert mistake.remedy in found[mistake.check].remedy


# Before anything is deployed, and of a table older than such stacks.
NOT_OF_A_STACK = {"are not created yet", "not deployed yet", "earlier version"}


@pytest.mark.parametrize(
    "mistake",
    [one for one in MISTAKES if one.message not in NOT_OF_A_STACK],
    ids=lambda one: f"{one.check}: {one.message}",
)
def test_no_remedy_for_a_stack_with_functions_is_chalices(mistake: Mistake) -> None:
    found = failures(list(examine(stage_with(**mistake.facts, is_packaged=True))))
    remedies = " ".join(one.remedy for one in found.values())
    assert not re.search("provision|chalice deploy|make deploy", remedies)


def test_every_check_is_tested_with_a_mistake() -> None:
    # An invalid event file stops the command before any check: see test_doctor_command.py.
    tried = {mistake.check for mistake in MISTAKES} | {"event file"}
    tried |= {"example", "English"}  # test_example_texts.py
    tried |= {"left to do"}  # test_new_event.py
    assert {check.name for check in CHECKS} == tried


def test_an_event_without_registrations_or_meant_to_change_may_differ_from_its_file() -> None:
    for facts in (
        {"registered": [holding(0, id="friluft")]},
        {"registered": [holding(id="friluft")], "meant_to_change": {"friluft"}},
        {"registered": [holding()]},
    ):
        assert not failures(list(examine(stage_with(**facts))))


def test_several_mistakes_of_one_check_are_reported_together() -> None:
    facts = {"table": TableSettings(protected=False, expires_by="")}
    found = failures(list(examine(stage_with(**facts, deployed_schedule=lambda _: ""))))
    assert found["table"].message == "not protected from deletion; expired items are not deleted"
    assert found["schedules"].message.count(" is off, not ") == 2


TO_DO: dict[str, dict[str, Any]] = {
    "programme": {"event_state": EventState(changes=CHANGED.to_json())},
    "stack": {"stack_status": ""},
    "functions": {"deployed_function": lambda _: None},
    "sender": {"sender": SenderIdentity("boras.se", verified=False)},
    "DKIM": {"sender": SenderIdentity("boras.se", dkim="PENDING")},
    "sending": {"sending": SendingStatus(production=False)},
    "alarm mails": {"alarm_recipients": {}},
    "state file": {"state_file": StateFile(committed=False)},
}


@pytest.mark.parametrize("check", TO_DO)
def test_what_only_people_can_do_next_is_no_fault(check: str) -> None:
    (found,) = failures(list(examine(stage_with(**TO_DO[check])))).values()
    assert (found.check, found.state) == (check, "to do")


@pytest.mark.parametrize("check", ["stack", "functions"])
def test_before_something_exists_no_check_reads_it(check: str) -> None:
    later = {one.name for one in dropwhile(lambda one: one.name != check, CHECKS)}
    refused = {
        fact: AssertionError(fact)
        for fact, checks in READ_BY.items()
        if checks & later and fact not in READ_BEFORE | TO_DO[check].keys()
    }
    *before, last = examine(stage_with(**refused, **TO_DO[check]))
    assert [last.check, *failures(before)] == [check]


def test_without_credentials_there_is_no_other_finding() -> None:
    (finding,) = examine(stage_with(account=NoCredentialsError()))
    assert (finding.check, finding.passed) == ("credentials", False)


READ_BEFORE = {"event_state", "registered"}
# The checks that read each fact from AWS.
READ_BY = {
    "event_state": {"deadline", "deletion", "programme"},
    "registered": {"registered events", "deletion"},
    "outdated_policies": {"policy files"},
    "stack_status": {"stack"},
    "stack_differences": {"stack"},
    "table": {"table"},
    "table_copies": {"copies"},
    "sender": {"sender", "DKIM"},
    "sending": {"sending"},
    "configuration_set": {"mail events", "receipts"},
    "receipt_set": {"receipts"},
    "is_suppressed": {"recipients"},
    "alarm_recipients": {"alarm mails"},
    "is_packaged": {"state file", "finish"},
    "deployed_function": {"functions", "runtime"},
    "package_faults": {"package"},
    "deployed_policy": {"policies"},
    "other_policies": {"policies"},
    "deployed_schedule": {"schedules"},
    "reserved_runs": {"reserved runs"},
    "failed_event_settings": {"finish"},
    "log_days": {"finish"},
    "api_stage": {"finish"},
    "deployment_description": {"finish"},
    "page_status": {"pages"},
    "ticked_at": {"tick"},
    "active_alarms": {"alarms"},
    "failed_events": {"alarms"},
}


@pytest.mark.parametrize("fact", READ_BY)
@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (NO_ACCESS, "could not be checked: An error occurred (AccessDeniedException)"),
        (
            EndpointConnectionError(endpoint_url="https://x"),
            "could not be checked: Could not connect",
        ),
        (StoreUnavailable("AccessDeniedException"), "could not be checked: AccessDeniedException"),
        (OSError("x\ny"), "could not be checked: x"),
        (TimeoutError(), "could not be checked: TimeoutError"),
        (NotDeployed("Run chalice deploy."), "not deployed yet"),
    ],
    ids=lambda one: type(one).__name__,
)
def test_a_fact_that_cannot_be_read_is_a_finding_and_the_other_checks_run(
    fact: str, fault: Exception, message: str
) -> None:
    findings = list(examine(stage_with(**{fact: fault})))
    assert len(findings) == len(CHECKS)
    found = failures(findings)
    assert found.keys() == READ_BY[fact]
    assert all(finding.message.startswith(message) and finding.remedy for finding in found.values())


def test_before_a_deploy_no_fact_is_read_that_a_deploy_creates() -> None:
    refused = {
        fact: AssertionError(fact) for fact in READ_BY.keys() - {"event_state", "registered"}
    }
    findings = list(examine(stage_with(**refused, state_file=StateFile(exists=False)),
                            only_before_deploy=True))  # fmt: skip
    assert not failures(findings)
    assert [finding.check for finding in findings] == [
        "credentials", "account", "region", "Python", "event file", "left to do",
        "registered events", "stage's settings", "addresses",
        "phones", "notice", "example", "English", "deadline", "programme", "file modes",
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
def test_a_placeholder_address_is_found_in_every_setting(place: str, text: str) -> None:
    (made_up,) = events(text, text.replace("boras.se", "boras.example")).all()
    assert placeholder_addresses(made_up) == [place]


@pytest.mark.parametrize(
    "address",
    ["dukat@boras.example", "dukat@EXAMPLE.com", "dukat@mail.example.net", "dukat@example.org",
     "dukat@boras.test", "dukat@boras.invalid", "dukat@mail.localhost"],
)  # fmt: skip
def test_every_reserved_domain_is_a_placeholder(address: str) -> None:
    assert placeholders({"MAIL_SENDER": address}) == ["MAIL_SENDER"]


@pytest.mark.parametrize(
    "address",
    ["dukat@boras.se", "anna.example@boras.se", "dukat@example.se", "dukat@mail.example-stad.se",
     "dukat@test.boras.se", "dukat@latest.se"],
)  # fmt: skip
def test_a_real_address_is_not_a_placeholder(address: str) -> None:
    assert placeholders({"MAIL_SENDER": address}) == []


WRITTEN = "Kommunstyrelsen (org.nr 212000-1561), ”Rådhuset”; a/b. Vad då? Jo..."
UNTIL = (EVENT.closes_at + timedelta(hours=36)).astimezone(UTC)
ENDED_AT = EVENT.deletes_at.astimezone(UTC) + timedelta(minutes=3)
PASSING: list[tuple[str, str, dict[str, Any]]] = [
    ("stack", "dukat-prod matches infrastructure.json", {"stack_status": "CREATE_COMPLETE"}),
    (
        "stack",
        "dukat-prod matches infrastructure.json",
        {"stack_status": "UPDATE_ROLLBACK_COMPLETE"},
    ),
    (
        "notice",
        "dag: Kommunstyrelsen i Borås Stad; personal data are kept through 2027-06-07",
        {},
    ),
    (
        "notice",
        f"dag: {WRITTEN}; personal data are kept through 2027-06-07",
        {"events": events("Kommunstyrelsen i Borås Stad", WRITTEN)},
    ),
    ("deadline", "dag: registration closes 2027-05-25 00:00", {}),
    (
        "deadline",
        "dag: registration closes 2027-05-26 12:00",
        {"event_state": EventState(closes_at=UNTIL), "now": EVENT.closes_at},
    ),
    *(
        (
            "deadline",
            f"dag: registration is {state}",
            {"event_state": EventState(state, closes_at=NOW - timedelta(hours=1)), "now": now},
        )
        for state in (Phase.CLOSED, Phase.SUMMARISED)
        for now in (NOW, EVENT.closes_at + timedelta(days=1))
    ),
    ("deletion", "dag: personal data will be deleted 2027-06-08 00:00", {}),
    (
        "deletion",
        "dag: personal data were deleted 2027-06-08 00:03",
        {
            "event_state": replace(
                CLOSED, deletion=DeletionProgress(EVENT.deletes_at, ended_at=ENDED_AT)
            ),
            "now": EVENT.deletes_at + timedelta(days=9),
        },
    ),
    # This alarm is active before the first deploy and until some minutes after the first tick.
    (
        "alarms",
        "no alarm is active, no failed event is waiting",
        {"active_alarms": ["dukat-prod-no-tick"]},
    ),
]


@pytest.mark.parametrize(("check", "message", "facts"), PASSING)
def test_the_message_of_a_passed_check_names_the_facts(
    check: str, message: str, facts: dict[str, Any]
) -> None:
    findings = list(examine(stage_with(**facts)))
    assert not failures(findings)
    assert {finding.check: finding.message for finding in findings}[check] == message


@pytest.mark.parametrize(
    ("ticks", "seconds"),
    [
        ([None, None, NOW], 10),
        ([NOW - timedelta(seconds=1)] * 3 + [NOW + timedelta(minutes=1)], 15),  # before the deploy
        ([None] * 36, 180),
        ([NO_ACCESS], 0),
        ([EndpointConnectionError(endpoint_url="https://x")], 0),
    ],
)
def test_waiting_for_a_tick_ends_after_three_minutes_or_when_aws_refuses(
    ticks: list[Any], seconds: float
) -> None:
    readings, pauses = iter([None, *ticks]), list[float]()  # the first reading is for the time
    wait_for_tick(lambda: stage_with(ticked_at=next(readings)), pauses.append)
    assert sum(pauses) == seconds
    assert list(readings) == []
