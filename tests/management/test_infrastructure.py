"""infrastructure.json: its resources match the code, the policies and the alarms."""

import ast
import json
import re
from typing import Any

import pytest
from cfnlint import lint
from cfnlint.config import ManualArgs

from chalicelib.event.event import Event
from chalicelib.event.legal_statements import LOG_DAYS
from chalicelib.lifecycle import steps
from chalicelib.logs.metrics import NAMESPACE, metric_line
from chalicelib.settings import BASE_URL, Settings
from management.deploy.gateway_responses import PAGES
from management.deploy.post_deploy import event_invoke_configs, throttle
from management.deploy.stack import template_to_apply
from management.stage.functions import RESERVED_RUNS, WEB, functions_of, schedules
from management.stage.stages import ROOT, stage_named
from tests.examples import NOW
from tests.management.packaged import package
from tests.staging import resolved

STAGE = stage_named("prod")
FUNCTIONS = functions_of(STAGE)
WHOLE: dict[str, Any] = json.loads((ROOT / "infrastructure.json").read_text("utf-8"))
TEMPLATE = resolved(WHOLE, Stage=STAGE.name)
RESOURCES: dict[str, dict[str, Any]] = TEMPLATE["Resources"]
OPERATIONS = (ROOT / "docs/operations.md").read_text("utf-8")
PREFIX = f"{STAGE.service}-"


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    """The properties of each resource of a type, by its name in the template."""
    return {
        name: resource["Properties"]
        for name, resource in RESOURCES.items()
        if resource["Type"] == kind
    }


ALARMS = {
    alarm["AlarmName"].removeprefix(PREFIX): alarm
    for alarm in of_type("AWS::CloudWatch::Alarm").values()
}


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The template that `chalice package` writes for infrastructure.json and the code."""
    _, template = package(tmp_path_factory.mktemp("package"))
    return template


@pytest.fixture
def merged(packaged: str) -> dict[str, Any]:
    template: dict[str, Any] = resolved(json.loads(packaged), Stage=STAGE.name)
    return template


@pytest.mark.parametrize(
    "form",
    [
        pytest.param("as it is applied", marks=pytest.mark.soak),
        "merged by Chalice",
    ],
)
def test_cfn_lint_finds_nothing(form: str, packaged: str) -> None:
    texts = {
        "as it is applied": json.dumps(template_to_apply(ROOT)),
        "merged by Chalice": packaged,
    }
    found = lint(texts[form], config=ManualArgs(regions=["eu-north-1"]))
    assert not list(map(str, found))


def test_the_applied_template_omits_only_the_functions() -> None:
    applied = template_to_apply(ROOT)
    left_out = WHOLE["Resources"].keys() - applied["Resources"].keys()
    assert {WHOLE["Resources"][name]["Type"] for name in left_out} == {"AWS::Serverless::Function"}
    assert applied.keys() == WHOLE.keys() - {"Transform", "Globals"}
    assert "AWS::Serverless" not in json.dumps(applied)
    for name, resource in applied["Resources"].items():
        assert resource == WHOLE["Resources"][name]
    assert WHOLE["Parameters"].keys() - applied["Parameters"].keys() == {"ReserveRuns"}
    assert WHOLE["Conditions"].keys() - applied["Conditions"].keys() == {"ReservesRuns"}


def test_the_schedules_have_reserved_runs_in_an_account_with_enough(
    packaged_functions: dict[str, dict[str, Any]],
) -> None:
    assert WHOLE["Parameters"]["ReserveRuns"]["Default"] == "no"  # a new account has too few
    reserved = {"Fn::If": ["ReservesRuns", RESERVED_RUNS, {"Ref": "AWS::NoValue"}]}
    found = {
        name: one["Properties"].get("ReservedConcurrentExecutions")
        for name, one in packaged_functions.items()
    }
    scheduled = {f"{PREFIX}{name}": reserved for name in schedules()}
    assert found == {**dict.fromkeys(found), **scheduled}


@pytest.fixture
def packaged_functions(merged: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The packaged functions by their names on AWS."""
    return {
        one["Properties"]["FunctionName"]: one
        for one in merged["Resources"].values()
        if one["Type"] == "AWS::Serverless::Function"
    }


def test_each_function_is_packaged_with_its_name_code_role_and_log(
    merged: dict[str, Any], packaged_functions: dict[str, dict[str, Any]]
) -> None:
    assert packaged_functions.keys() == {function.deployed_as for function in FUNCTIONS}
    for function in FUNCTIONS:
        one = packaged_functions[function.deployed_as]
        assert one["Properties"]["Handler"] == function.handler
        role = merged["Resources"][one["Properties"]["Role"]["Fn::GetAtt"][0]]
        (policy,) = role["Properties"]["Policies"]
        assert f"log-group:{function.log_group}:*" in json.dumps(policy)
        logs = [merged["Resources"][name]["Properties"] for name in one["DependsOn"]]
        assert function.log_group in {log.get("LogGroupName") for log in logs}


def test_the_functions_that_send_mail_know_the_address_of_the_pages(
    merged: dict[str, Any], packaged_functions: dict[str, dict[str, Any]]
) -> None:
    wanted = merged["Outputs"]["EndpointURL"]["Value"].rstrip("/")
    found = {
        name: one["Properties"]["Environment"]["Variables"].get(BASE_URL)
        for name, one in packaged_functions.items()
    }
    sending = {f"{PREFIX}tick": wanted, f"{PREFIX}close_registration": wanted}
    assert found == {**dict.fromkeys(found), **sending}


def test_failed_events_are_queued_except_those_of_the_tick(
    packaged_functions: dict[str, dict[str, Any]],
) -> None:
    """In the packaged stack, and in the settings that `finish` applies after a deploy."""
    wanted = event_invoke_configs(WHOLE)
    failure = {"Type": "SQS", "Destination": {"Fn::GetAtt": ["FailedEvents", "Arn"]}}
    for function in FUNCTIONS:
        config = packaged_functions[function.deployed_as]["Properties"].get("EventInvokeConfig")
        if function.name == WEB:
            assert config is None
            continue
        kept = {} if function.name == "tick" else {"DestinationConfig": {"OnFailure": failure}}
        assert config == {**wanted[function.name], **kept}
        assert 60 <= config["MaximumEventAgeInSeconds"] <= 6 * 3600
        assert 0 <= config["MaximumRetryAttempts"] <= 2
    # The next tick follows in a minute; SES reports each event once.
    assert wanted["tick"]["MaximumRetryAttempts"] == 0
    assert wanted["record_mail_event"]["MaximumRetryAttempts"] == 2


def test_the_api_is_throttled_and_logs_no_requests(merged: dict[str, Any]) -> None:
    (settings,) = merged["Globals"]["Api"]["MethodSettings"]
    assert (settings["HttpMethod"], settings["ResourcePath"]) == ("*", "/*")
    rate, burst = throttle(WHOLE)
    assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == (rate, burst)
    assert 0 < rate <= burst
    assert settings["LoggingLevel"] == "OFF"
    assert settings["DataTraceEnabled"] is False


def test_the_throttle_admits_a_full_hall_and_leaves_lambda_room() -> None:
    """The arithmetic of docs/performance.md, "A full hall"."""
    rate, burst = throttle(WHOLE)
    assert burst + 2 * rate >= 250  # 250 people open the agenda within two seconds
    assert rate * 0.1 <= 10 / 2  # at 0.1 s each; a new account has ten concurrent runs
    assert PAGES["THROTTLED"].retry_after * rate >= burst  # the bucket is full again
    document = (ROOT / "docs/performance.md").read_text("utf-8")
    assert f"**{rate:g} a second and a burst of {burst}**" in document
    assert f"`Retry-After: {PAGES['THROTTLED'].retry_after}`" in document
    assert f"`Retry-After: {PAGES['DEFAULT_5XX'].retry_after}`" in document


def test_no_topic_has_a_key_that_keeps_ses_or_cloudwatch_from_publishing() -> None:
    """With AWS's managed key neither could publish; docs/decisions.md weighs a key of our own."""
    topics = of_type("AWS::SNS::Topic")
    assert topics.keys() == {"MailEvents", "AlarmTopic"}
    assert not [name for name, topic in topics.items() if "KmsMasterKeyId" in topic]


# The alarms


@pytest.mark.parametrize("name", ALARMS)
def test_every_alarm_mails_the_operator_when_it_starts_and_ends(name: str) -> None:
    alarm = ALARMS[name]
    assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "AlarmTopic"}]
    assert alarm.get("ActionsEnabled", True)
    assert "docs/operations.md" in alarm["AlarmDescription"]


def test_the_alarm_topic_mails_the_operator() -> None:
    (subscription,) = of_type("AWS::SNS::Subscription").values()
    assert subscription["TopicArn"] == {"Ref": "AlarmTopic"}
    assert subscription["Protocol"] == "email"
    assert subscription["Endpoint"] == {"Ref": "OperatorEmail"}
    assert RESOURCES["AlarmTopic"]["Properties"]["TopicName"] == f"{STAGE.service}-alarms"


def test_15_minutes_without_a_tick_raise_an_alarm_even_without_any_metric() -> None:
    alarm = ALARMS["no-tick"]
    assert alarm["TreatMissingData"] == "breaching"
    assert alarm["Period"] * alarm["EvaluationPeriods"] == 15 * 60
    assert alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"]) == alarm["EvaluationPeriods"]
    assert (alarm["Statistic"], alarm["Threshold"]) == ("Sum", 1)
    assert alarm["ComparisonOperator"] == "LessThanThreshold"


RINGING_AT_ONCE = sorted(ALARMS.keys() - {"no-tick"})


@pytest.mark.parametrize("name", RINGING_AT_ONCE)
def test_one_failure_raises_an_alarm_within_minutes_and_missing_data_none(name: str) -> None:
    alarm = ALARMS[name]
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 0)
    assert alarm["Statistic"] in {"Sum", "Maximum"}
    assert alarm["EvaluationPeriods"] * alarm["Period"] <= 5 * 60
    assert alarm["TreatMissingData"] == "notBreaching"


def watched(namespace: str, metric: str) -> list[dict[str, Any]]:
    """The dimensions of each alarm on a metric."""
    return [
        {one["Name"]: one["Value"] for one in alarm["Dimensions"]}
        for alarm in ALARMS.values()
        if (alarm["Namespace"], alarm["MetricName"]) == (namespace, metric)
    ]


@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_each_function_has_alarms_for_errors_and_throttles(metric: str) -> None:
    names = [one["FunctionName"] for one in watched("AWS/Lambda", metric)]
    assert sorted(names) == sorted(function.deployed_as for function in FUNCTIONS)
    assert all(one.keys() == {"FunctionName"} for one in watched("AWS/Lambda", metric))


def test_a_failed_event_in_the_queue_raises_an_alarm() -> None:
    queue = {"QueueName": {"Fn::GetAtt": ["FailedEvents", "QueueName"]}}
    assert watched("AWS/SQS", "ApproximateNumberOfMessagesVisible") == [queue]
    settings = RESOURCES["FailedEvents"]["Properties"]
    assert settings["QueueName"] == f"{STAGE.service}-failed-events"
    assert settings["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert settings["SqsManagedSseEnabled"] is True


def test_a_throttled_table_raises_an_alarm() -> None:
    for metric in ("ReadThrottleEvents", "WriteThrottleEvents"):
        assert watched("AWS/DynamoDB", metric) == [{"TableName": {"Ref": "Table"}}]


def test_an_error_page_raises_an_alarm(merged: dict[str, Any]) -> None:
    """API Gateway's metrics have the API's name, which Chalice sets as the title."""
    api = merged["Resources"]["RestAPI"]["Properties"]
    (dimensions,) = watched("AWS/ApiGateway", "5XXError")
    assert dimensions == {
        "ApiName": api["DefinitionBody"]["info"]["title"],
        "Stage": api["StageName"],
    }
    assert api["StageName"] == STAGE.api_stage


def test_every_metric_of_the_code_has_an_alarm_and_every_such_alarm_a_metric() -> None:
    calls = [
        node
        for node in ast.walk(ast.parse((ROOT / "app.py").read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "_count"
    ]
    counted = {keyword.arg for call in calls for keyword in call.keywords if keyword.arg}
    counted |= steps.metrics_of([]).keys()
    assert counted == {"Ticks", "MailsFailed", "ClosingOverdue", "DeletionOverdue"}
    assert counted == {a["MetricName"] for a in ALARMS.values() if a["Namespace"] == NAMESPACE}
    line = json.loads(metric_line(NOW, STAGE.environment["TABLE_NAME"], {"Ticks": 1}))
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    ((dimension,),) = directive["Dimensions"]
    for metric in counted:
        assert watched(directive["Namespace"], metric) == [{dimension: line[dimension]}]


def explanations() -> dict[str, list[str]]:
    """The rows of the operations manual's table of alarms, by alarm."""
    sections = re.split(r"^#+ ", OPERATIONS, flags=re.MULTILINE)
    text = next((one for one in sections if one.startswith("CloudWatch's alarms\n")), "")
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| `")]
    return {
        name: [cell.strip() for cell in cells]
        for names, *cells in rows
        for name in re.findall("`([^`]+)`", names)
    }


def test_the_operations_manual_explains_exactly_the_alarms() -> None:
    rows = explanations()
    assert rows.keys() == ALARMS.keys()
    assert all(cells and all(cells) for cells in rows.values())


# The rest


def test_the_table_is_protected_encrypted_restorable_and_billed_on_demand(event: Event) -> None:
    table = RESOURCES["Table"]
    settings = table["Properties"]
    assert settings["BillingMode"] == "PAY_PER_REQUEST"
    assert settings["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
    assert settings["PointInTimeRecoverySpecification"] == {
        "PointInTimeRecoveryEnabled": True,
        "RecoveryPeriodInDays": {"Ref": "BackupDays"},
    }
    bounds = TEMPLATE["Parameters"]["BackupDays"]
    assert bounds["MinValue"] <= event.privacy.backup_days <= bounds["MaxValue"]
    assert settings["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert settings["DeletionProtectionEnabled"] is True
    assert table["UpdateReplacePolicy"] == "Retain"
    assert {one["AttributeName"]: one["KeyType"] for one in settings["KeySchema"]} == {
        "pk": "HASH",
        "sk": "RANGE",
    }
    assert "LocalSecondaryIndexes" not in settings


def test_mails_require_tls_and_ses_reports_what_happens_to_them() -> None:
    sets = of_type("AWS::SES::ConfigurationSet")
    for mail_set in sets.values():
        assert mail_set["DeliveryOptions"] == {"TlsPolicy": "REQUIRE"}
    destinations = of_type("AWS::SES::ConfigurationSetEventDestination").values()
    assert {one["ConfigurationSetName"]["Ref"] for one in destinations} == sets.keys()
    for one in destinations:
        destination = one["EventDestination"]
        assert destination["Enabled"] is True
        assert destination["SnsDestination"] == {"TopicARN": {"Ref": "MailEvents"}}
        assert {"delivery", "deliveryDelay", "bounce", "complaint", "reject"} <= {
            *destination["MatchingEventTypes"]
        }


def test_what_strangers_do_to_receipts_suppresses_no_other_mail() -> None:
    sets = of_type("AWS::SES::ConfigurationSet")
    reasons = {name: one["SuppressionOptions"]["SuppressedReasons"] for name, one in sets.items()}
    assert reasons == {"ConfigurationSet": [], "ReceiptConfigurationSet": ["BOUNCE", "COMPLAINT"]}
    settings = Settings.from_environment({"MAIL_SENDER": "", **STAGE.expected_environment()})
    assert sets["ReceiptConfigurationSet"]["Name"] == settings.receipt_set
    (policy,) = (
        one for one in of_type("AWS::SNS::TopicPolicy").values() if "MailEvents" in str(one)
    )
    (statement,) = policy["PolicyDocument"]["Statement"]
    publishers = statement["Condition"]["ArnEquals"]["AWS:SourceArn"]
    names = {one.rpartition("/")[2] for one in publishers}
    assert names == {one["Name"] for one in sets.values()}


@pytest.mark.parametrize(
    ("topic", "service"),
    [("MailEvents", "ses.amazonaws.com"), ("AlarmTopic", "cloudwatch.amazonaws.com")],
)
def test_only_its_aws_service_in_this_account_publishes_to_a_topic(
    topic: str, service: str
) -> None:
    (policy,) = (
        one
        for one in of_type("AWS::SNS::TopicPolicy").values()
        if one["Topics"] == [{"Ref": topic}]
    )
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": service}
    assert (statement["Action"], statement["Resource"]) == ("sns:Publish", {"Ref": topic})
    account = {"AWS:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert statement["Condition"]["StringEquals"] == account


def test_logs_expire_and_are_deleted_with_the_stack(event: Event) -> None:
    days = TEMPLATE["Parameters"]["LogDays"]
    assert (tuple(days["AllowedValues"]), days["Default"]) == (LOG_DAYS, event.privacy.log_days)
    logs = [one for one in RESOURCES.values() if one["Type"] == "AWS::Logs::LogGroup"]
    names = {one["Properties"]["LogGroupName"] for one in logs}
    assert names == {function.log_group for function in FUNCTIONS}
    assert len(logs) == len(FUNCTIONS)
    assert all(one["Properties"]["RetentionInDays"] == {"Ref": "LogDays"} for one in logs)
    assert all(one["DeletionPolicy"] == "Delete" for one in logs)


def test_the_template_names_resources_like_the_stages_settings() -> None:
    named = {
        "TABLE_NAME": RESOURCES["Table"]["Properties"]["TableName"],
        "MAIL_CONFIGURATION_SET": RESOURCES["ConfigurationSet"]["Properties"]["Name"],
        "MAIL_EVENTS_TOPIC": RESOURCES["MailEvents"]["Properties"]["TopicName"],
    }
    assert STAGE.expected_environment() == named
    assert STAGE.environment.items() >= named.items()


def test_ses_keeps_the_identity_when_the_stack_is_deleted() -> None:
    """Other stages may use the identity; removing the last stage deletes it."""
    identity = RESOURCES["SenderIdentity"]
    assert identity["DeletionPolicy"] == identity["UpdateReplacePolicy"] == "Retain"
    assert identity["Condition"] == "MakesSenderIdentity"
    assert identity["Properties"]["EmailIdentity"] == {"Ref": "SenderIdentityName"}
