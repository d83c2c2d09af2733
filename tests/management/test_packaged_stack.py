"""A stage whose functions CloudFormation deployed, too: doctor, finish, status and remove."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner, Result

import manage
from chalicelib.event.file import parse_event
from chalicelib.logs.metrics import metric_line
from chalicelib.mail import base_url
from chalicelib.settings import BASE_URL
from management.care.status import status
from management.deploy import commands
from management.deploy.deployment import deployment_of
from management.deploy.post_deploy import apply_post_deploy_settings
from management.deploy.provisioning import identity, packaged_parameters
from management.doctor.autofix import autofix_table
from management.doctor.deployed_stage import DeployedStage
from management.doctor.doctor import examine
from management.local.gateway import Gateway
from management.stage.aws import Aws
from management.stage.functions import functions_of
from management.stage.stages import Stage, composition_of
from management.stage.table import StageTable, open_shared_table
from tests.cloudformation import AwsWithStandIns
from tests.examples import EVENT, only
from tests.management.answering import answer, let_ses_send, locate, log, run_the_app
from tests.management.deployed import encrypt_as_aws_does, zipped
from tests.management.healthy_stage import WHOLE_FILE
from tests.management.packaged import WithFunctions, package

# Log events have the real time, so the event is far in the future.
LATER = parse_event(EVENT.id, WHOLE_FILE.replace("2027-05-", "2099-05-"))
EVENTS = only(LATER)
TICK = {"FunctionName": "dukat-prod-tick"}


class Packaged(NamedTuple):
    """A project, and the template that Chalice packages for it."""

    stage: Stage
    template: str


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Packaged:
    return Packaged(*package(tmp_path_factory.mktemp("packaged")))


@pytest.fixture
def cloudformation(packaged: Packaged, empty_aws: None) -> WithFunctions:
    return WithFunctions(packaged.stage, Aws())


@pytest.fixture
def stage(packaged: Packaged) -> Stage:
    return packaged.stage


@pytest.fixture
def cloud(cloudformation: WithFunctions, packaged: Packaged) -> Aws:
    """AWS with the stack, whose functions have ticked; in an account with 1000 runs."""
    stage, aws = packaged.stage, AwsWithStandIns(cloudformation=cloudformation)
    limits = {"AccountLimit": {"UnreservedConcurrentExecutions": 1000}}
    answer(aws, "lambda", "GetAccountSettings", limits, 200)
    parameters = packaged_parameters(stage, EVENTS.organisation, aws)
    cloudformation.deploy(packaged.template, parameters)
    let_ses_send(stage, aws, is_new=False)
    encrypt_as_aws_does(aws)
    autofix_table(deployed_on(stage, aws), aws, lambda _: None)
    topic = aws.place.arn("sns", "dukat-prod-alarms")
    operator = EVENTS.organisation.operator
    aws.client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint=operator)
    locate(aws, zipped(stage.project))
    now = datetime.now(UTC)
    log(aws, (now, metric_line(now, "dukat-prod", {"Ticks": 1})))
    return aws


def deployed_on(stage: Stage, aws: Aws) -> DeployedStage:
    return DeployedStage(stage, EVENTS, aws, datetime.now(UTC))


def faults(stage: Stage, aws: Aws) -> dict[str, tuple[str, str]]:
    """The message and remedy of each check that fails. No runtime is maintained until 2099."""
    found = examine(deployed_on(stage, aws))
    return {
        one.check: (one.message, one.remedy)
        for one in found
        if not one.passed and one.check != "runtime's end"
    }


def pages_url(aws: Aws) -> str:
    (api,) = aws.client("apigateway").get_rest_apis()["items"]
    return f"https://{api['id']}.execute-api.eu-north-1.amazonaws.com/prod"


def test_a_sound_stack_passes_every_check_without_finish(
    gateway: Gateway, stage: Stage, cloud: Aws
) -> None:
    run_the_app(cloud)
    assert faults(stage, cloud) == {}
    assert base_url.read(open_shared_table(stage.service, cloud)) == ""
    assert deployed_on(stage, cloud).base_urls_of_mails == {pages_url(cloud)}


MAKE = "make stack STAGE=prod BUCKET=..."
FINISH = "manage.py finish --stage prod"


def other_address(aws: Aws) -> None:
    found = aws.client("lambda").get_function_configuration(**TICK)["Environment"]["Variables"]
    variables = {**found, BASE_URL: "https://other.example"}
    aws.client("lambda").update_function_configuration(**TICK, Environment={"Variables": variables})


def other_policy(aws: Aws) -> None:
    role = "dukat-prod-TickRole-1ABC"
    iam, names = aws.client("iam"), aws.client("iam").list_role_policies(RoleName=role)
    (name,) = names["PolicyNames"]
    nothing = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [nothing]})
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=document)


Fault = tuple[Callable[[Aws], object], str, str, str]  # what breaks, check, message, remedy
FAULTS: list[Fault] = [
    (
        lambda aws: aws.client("lambda").update_function_configuration(
            **TICK, Environment={"Variables": {"A": "b"}}
        ),
        "functions",
        "dukat-prod-tick does not have the environment",
        MAKE,
    ),
    (lambda aws: locate(aws, zipped(Path(__file__).parent)), "package", "lacks", MAKE),
    (other_policy, "policies", "not what the code needs: dukat-prod-tick", MAKE),
    (
        lambda aws: aws.client("events").disable_rule(Name="dukat-prod-tick-1ABC"),
        "schedules",
        "tick is off",
        "undo it there",
    ),
    (
        lambda aws: aws.client("lambda").delete_function_concurrency(**TICK),
        "reserved runs",
        "no runs are reserved for tick",
        FINISH,
    ),
    (other_address, "finish", "links in mails don't lead to the pages", FINISH),
]
NOT_RETRIED: Fault = (
    lambda aws: aws.client("lambda").delete_function_event_invoke_config(**TICK),
    "finish",
    "failed events of tick are queued or retried",
    FINISH,
)


@pytest.mark.parametrize("broken", [FAULTS, [NOT_RETRIED]], ids=["six faults", "another one"])
def test_each_fault_has_a_remedy_that_fits_a_stack(
    gateway: Gateway, stage: Stage, cloud: Aws, broken: list[Fault]
) -> None:
    run_the_app(cloud)
    for break_it, *_ in broken:
        break_it(cloud)
    found = faults(stage, cloud)
    for _, check, message, remedy in broken:
        assert message in found[check][0]
        assert remedy in found[check][1]
    assert "chalice deploy" not in str(found)
    assert "provision" not in str(found)


def test_what_changed_since_the_stack_was_deployed_is_named(
    packaged: Packaged, cloud: Aws, tmp_path: Path
) -> None:
    template = json.loads((packaged.stage.project / "infrastructure.json").read_text("utf-8"))
    template["Resources"]["Extra"] = template["Resources"].pop("FailedEvents")
    (tmp_path / "infrastructure.json").write_text(json.dumps(template), "utf-8")
    stage = replace(packaged.stage, project=tmp_path)
    events = only(replace(LATER, operator="other@boras.se"))
    deployed = DeployedStage(stage, events, cloud, datetime.now(UTC))
    assert deployed.stack_differences == ["OperatorEmail", "Extra", "FailedEvents"]


def test_finish_restores_what_was_changed_by_hand_and_sets_the_apis_own_pages(
    gateway: Gateway, stage: Stage, cloud: Aws
) -> None:
    run_the_app(cloud)
    other_address(cloud)
    cloud.client("lambda").delete_function_concurrency(**TICK)
    apply_post_deploy_settings(stage, EVENTS, cloud, lambda _: None)
    assert faults(stage, cloud) == {}
    assert base_url.read(open_shared_table(stage.service, cloud)) == pages_url(cloud)
    other = only(replace(LATER, contacts=LATER.contacts[:1]))
    deployed = DeployedStage(stage, other, cloud, datetime.now(UTC))
    stale = [one.message for one in examine(deployed) if one.check == "finish"]
    assert stale == ["the API's own answers are AWS's, or of an earlier event file"]


def test_the_status_has_the_stacks_address(stage: Stage, cloud: Aws) -> None:
    first, *_ = status(deployed_on(stage, cloud), composition_of(stage))
    assert first == f"dukat-prod: {pages_url(cloud)}"


def test_the_pages_of_a_stack_may_have_a_domain_of_their_own(
    packaged: Packaged, cloudformation: WithFunctions
) -> None:
    stage, template = packaged
    own = {"Type": "AWS::ApiGateway::DomainName", "Properties": {"DomainName": "kost.boras.se"}}
    whole = json.loads(template)
    whole["Resources"]["ApiGatewayCustomDomain"] = own  # Chalice's name
    cloudformation.deploy(json.dumps(whole), {})
    aws = AwsWithStandIns(cloudformation=cloudformation)
    deployed = deployment_of(stage, aws)
    assert deployed.pages_url == "https://kost.boras.se"
    assert (deployed.endpoint, deployed.region) == (pages_url(aws), "eu-north-1")


@pytest.mark.parametrize(("runs", "reserves"), [(1000, "yes"), (104, "yes"), (103, "no")])
def test_runs_are_reserved_if_the_account_has_enough(
    stage: Stage, cloud: Aws, runs: int, reserves: str
) -> None:
    cloud = AwsWithStandIns(cloudformation=cloud.client("cloudformation"))
    limits = {"AccountLimit": {"UnreservedConcurrentExecutions": runs}}
    answer(cloud, "lambda", "GetAccountSettings", limits, 200)
    assert packaged_parameters(stage, EVENTS.organisation, cloud) == {
        "Stage": "prod",
        "SenderIdentityName": "boras.se",
        "MakeSenderIdentity": "yes",
        "OperatorEmail": EVENTS.organisation.operator,
        "BackupDays": "35",
        "LogDays": "30",
        "ReserveRuns": reserves,
    }


@pytest.fixture
def run(stage: Stage, cloud: Aws, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    parts: Mapping[str, Any] = {
        "chosen_stage": lambda _: stage,
        "Events": lambda: EVENTS,
        "Aws": lambda: cloud,
    }
    for name, part in parts.items():
        monkeypatch.setattr(commands, name, part)

    def invoke(*arguments: str, typed: str = "") -> Result:
        given = [*arguments, "--stage", "prod"]
        return CliRunner().invoke(manage.manage, given, input=f"{typed}\n")

    return invoke


def test_the_parameters_are_printed_as_the_command_line_of_aws_takes_them(
    run: Callable[..., Result], stage: Stage
) -> None:
    printed = run("parameters").output
    assert printed.startswith("Stage=prod SenderIdentityName=boras.se MakeSenderIdentity=yes ")
    assert printed.endswith(" ReserveRuns=yes\n")


def test_of_a_stage_that_chalice_deployed_no_parameters_are_printed(
    run: Callable[..., Result], stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    chalices = replace(stage, project=tmp_path)
    monkeypatch.setattr(commands, "chosen_stage", lambda _: chalices)
    chalices.state_file.parent.mkdir(parents=True)
    chalices.state_file.write_text('{"resources": []}', "utf-8")
    refused = run("parameters")
    assert (refused.exit_code, refused.output) == (
        1,
        "Error: dukat-prod was deployed with chalice: make deploy STAGE=prod updates it.\n",
    )


def test_after_finish_the_operator_is_told_what_is_left_to_do(
    run: Callable[..., Result], cloud: Aws
) -> None:
    topic = cloud.place.arn("sns", "dukat-prod-alarms")
    for one in cloud.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]:
        cloud.client("sns").unsubscribe(SubscriptionArn=one["SubscriptionArn"])
    finished = run("finish")
    assert finished.exit_code == 0
    assert "a link that confirms the alarms: open it." in finished.output


def test_remove_stops_the_functions_saves_a_copy_and_deletes_the_stack(
    run: Callable[..., Result], cloud: Aws, stage: Stage, tmp_path: Path
) -> None:
    base_url.save(open_shared_table(stage.service, cloud), "https://x.example")
    refused = run("remove", "--folder", str(tmp_path), typed="yes")
    assert refused.exit_code == 1
    assert StageTable(stage, cloud).described()
    removed = run("remove", "--folder", str(tmp_path), typed="prod")
    assert removed.exit_code == 0, removed.output
    (copy,) = tmp_path.iterdir()
    assert "https://x.example" in copy.read_text("utf-8")
    stopped = [f"  {one.deployed_as}: stopped" for one in functions_of(stage)]
    assert [line for line in removed.output.splitlines() if line.endswith("stopped")] == stopped
    assert StageTable(stage, cloud).described() is None
    assert identity("boras.se", cloud) is None
    assert "Commit" not in removed.output
    for one in functions_of(stage):
        runs = cloud.client("lambda").get_function_concurrency(FunctionName=one.deployed_as)
        assert runs["ReservedConcurrentExecutions"] == 0


def test_if_the_copy_fails_the_stack_stays(
    run: Callable[..., Result], cloud: Aws, stage: Stage, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    failed = run("remove", "--folder", str(tmp_path / "file/folder"), typed="prod")
    assert failed.exit_code == 1
    assert "Nobody can register any more." in failed.output
    assert (StageTable(stage, cloud).described() or {})["DeletionProtectionEnabled"]
    assert run("remove", "--folder", str(tmp_path / "copies"), typed="prod").exit_code == 0
