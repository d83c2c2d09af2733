"""Removing a stage: functions, copy, the rest; and a stage's whole life on moto."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import CliRunner, Result
from moto.apigateway.models import APIGatewayBackend, RestAPI

import manage
from chalicelib.catering import store as tallies
from chalicelib.catering.tally import tally
from chalicelib.event.event import Event
from chalicelib.event.organisation import Organisation
from chalicelib.registration import store as registrations
from management.deploy import commands
from management.deploy.post_deploy import apply_post_deploy_settings
from management.deploy.provisioning import identity, provision
from management.deploy.removal import RemovalFailed, export, remove_functions, remove_rest
from management.deploy.stack import Stack
from management.local import moto_aws as local_aws
from management.stage import command_line
from management.stage.aws import Aws
from management.stage.functions import functions_of
from management.stage.stages import Stage, stage_named
from management.stage.table import StageTable
from tests.cloudformation import AwsWithStandIns, CloudFormation
from tests.examples import NOW, VEGAN_WITHOUT_NUTS, only, registered
from tests.fakes import TableOnWire
from tests.staging import deploy_to_other_account, project_in
from tests.wire import Moto

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS.*not supported by moto")
AT = datetime(2027, 6, 30, 12, 0, 0, 250_000, tzinfo=UTC)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return stage_named("dev", project_in(tmp_path / "project"))


@pytest.fixture
def cloud(empty_aws: None) -> CloudFormation:
    return CloudFormation()


@pytest.fixture
def played(cloud: CloudFormation, stage: Stage, event: Event) -> AwsWithStandIns:
    """AWS with the stage provisioned."""
    aws = AwsWithStandIns(cloudformation=cloud)
    provision(stage, Organisation.of(event), aws, lambda _: None)
    return aws


@pytest.fixture
def messages() -> list[str]:
    return []


def remove(stage: Stage, aws: Aws, say: Callable[[str], None]) -> None:
    remove_functions(stage, aws, say)
    remove_rest(stage, aws, say)


def fill(event: Event, people: int = 3) -> list[dict[str, Any]]:
    """Put registrations and a tally into the table; return the table's items."""
    table = TableOnWire(event, Moto())
    for n in range(people):
        registrations.add(table, f"hash{n}", registered(VEGAN_WITHOUT_NUTS, f"CDF{n}"))
    tallies.save(table, tally(registrations.encoded_orders(table), taken_at=NOW))
    return table.database.all_items()


# The copy


def test_the_copy_has_every_item_of_every_page_in_dynamodbs_json(
    played: AwsWithStandIns, stage: Stage, event: Event, tmp_path: Path
) -> None:
    def three_items_a_page(params: dict[str, object], **_: object) -> dict[str, object]:
        return {**params, "Limit": 3}

    items = fill(event, 10)
    hooks = played.client("dynamodb").meta.events
    hooks.register("provide-client-params.dynamodb.Scan", three_items_a_page)
    path = export(stage, played, tmp_path / "some/folder", AT)
    assert json.loads(path.read_text("utf-8")) == items
    assert len(items) == 21
    assert VEGAN_WITHOUT_NUTS.name in path.read_text("utf-8")


def test_only_the_owner_can_read_the_copy_and_no_copy_is_overwritten(
    played: AwsWithStandIns, stage: Stage, tmp_path: Path
) -> None:
    umask = os.umask(0)
    try:
        path = export(stage, played, tmp_path, AT)
    finally:
        os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.name == "dukat-dev-2027-06-30T120000.250000.json"
    with pytest.raises(FileExistsError):
        export(stage, played, tmp_path, AT)


# The command


@pytest.fixture
def run(
    played: AwsWithStandIns, stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Any:
    monkeypatch.setattr(command_line, "stage_named", lambda name: stage_named(name, stage.project))
    monkeypatch.setattr(commands, "Aws", lambda: played)

    def invoke(typed: str, folder: Path = tmp_path / "exports") -> Result:
        arguments = ["remove", "--stage", "dev", "--folder", str(folder)]
        return CliRunner().invoke(manage.manage, arguments, input=f"{typed}\n")

    return invoke


@pytest.mark.parametrize("typed", ["", "prod", "dev ", "DEV", "y"])
def test_unless_the_stages_name_is_typed_nothing_is_copied_or_deleted(
    run: Any, cloud: CloudFormation, event: Event, tmp_path: Path, stage: Stage, typed: str
) -> None:
    fill(event)
    cloud.calls.clear()
    aborted = run(typed)
    assert aborted.exit_code == 1
    assert "Everything of dukat-dev in account 123456789012 will be deleted." in aborted.output
    assert not (tmp_path / "exports").exists()
    assert cloud.calls == []
    assert not StageTable(stage, Aws()).is_empty()


def test_in_another_account_nothing_is_removed(run: Any, stage: Stage) -> None:
    deploy_to_other_account(stage)
    refused = run("dev")
    assert refused.exit_code == 1
    assert "Error: dukat-dev was deployed to account 210987654321" in refused.output
    assert StageTable(stage, Aws()).described()


def test_after_typing_the_name_a_copy_is_saved_and_everything_is_deleted(
    run: Any, event: Event, tmp_path: Path, stage: Stage
) -> None:
    items = fill(event)
    removed = run("dev")
    assert removed.exit_code == 0
    (copy,) = (tmp_path / "exports").iterdir()
    assert len(json.loads(copy.read_text("utf-8"))) == len(items)
    assert f"{copy} is a copy of the table." in removed.output
    assert f"  {stage.sender_domain}: deleted from SES\n" in removed.output
    assert removed.output.splitlines()[-1].startswith("Removed. Commit .chalice.")
    assert identity(stage.sender_domain, Aws()) is None
    assert boto3.client("dynamodb").list_tables()["TableNames"] == []


def test_the_copy_is_saved_after_registration_has_become_impossible(
    run: Any, event: Event, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy has a registration that arrives while the functions are deleted."""
    fill(event)

    def register_late(*_: object) -> None:
        registrations.add(
            TableOnWire(event, Moto()), "late", registered(VEGAN_WITHOUT_NUTS, "CDFL")
        )

    monkeypatch.setattr("management.deploy.removal.remove_functions", register_late)
    assert run("dev").exit_code == 0
    (copy,) = (tmp_path / "exports").iterdir()
    assert "CDFL" in copy.read_text("utf-8")


def test_if_the_copy_fails_table_and_stack_stay_and_the_next_run_continues(
    run: Any, event: Event, tmp_path: Path, stage: Stage, cloud: CloudFormation
) -> None:
    fill(event)
    cloud.calls.clear()
    (tmp_path / "file").touch()
    failed = run("dev", tmp_path / "file/folder")
    assert failed.exit_code == 1
    assert "Error: The copy could not be saved, so the table and the stack stay: " in failed.output
    assert cloud.calls == []
    table = StageTable(stage, Aws())
    assert not table.is_empty()
    assert (table.described() or {})["DeletionProtectionEnabled"]
    assert run("dev").exit_code == 0
    assert table.described() is None


def test_an_unprotected_table_is_not_updated(played: AwsWithStandIns, stage: Stage) -> None:
    table, changes = StageTable(stage, played), list[str]()
    played.client("dynamodb").meta.events.register(
        "before-call.dynamodb.UpdateTable", lambda model, **_: changes.append(model.name)
    )
    for _ in range(2):
        table.unprotect()
    assert changes == ["UpdateTable"]


def test_a_failed_deletion_is_reported_and_the_next_run_continues(
    run: Any, event: Event, tmp_path: Path, cloud: CloudFormation, stage: Stage
) -> None:
    fill(event)
    cloud.failing = {"FailedEvents": "Throttled"}
    failed = run("dev")
    assert failed.exit_code == 1
    assert "Error: FailedEvents: Throttled" in failed.output
    cloud.failing.clear()
    assert run("dev").exit_code == 0
    assert len(list((tmp_path / "exports").iterdir())) == 2
    assert Stack(stage, AwsWithStandIns(cloudformation=cloud)).status() == ""
    assert identity(stage.sender_domain, Aws()) is None


def test_a_removed_stage_can_be_removed_again(run: Any, tmp_path: Path) -> None:
    assert [run("dev").exit_code for _ in range(2)] == [0, 0]
    copies = [path.read_text("utf-8") for path in (tmp_path / "exports").iterdir()]
    assert copies == ["[]", "[]"]


# What is removed


def test_an_identity_that_the_stack_did_not_create_stays(
    empty_aws: None, stage: Stage, event: Event, messages: list[str]
) -> None:
    boto3.client("sesv2").create_email_identity(EmailIdentity=stage.sender_domain)
    aws = AwsWithStandIns(cloudformation=CloudFormation())
    provision(stage, Organisation.of(event), aws, lambda _: None)
    remove(stage, aws, messages.append)
    assert identity(stage.sender_domain, aws) is not None
    assert f"{stage.sender_domain} stays in SES: it was there before dukat-dev." in messages


def test_the_identity_stays_while_another_stage_exists(
    played: AwsWithStandIns, stage: Stage, event: Event, messages: list[str]
) -> None:
    other = stage_named("prod", stage.project)
    provision(other, Organisation.of(event), played, lambda _: None)
    played.client("cloudformation").create_stack(
        StackName="something-else",
        TemplateBody='{"Conditions": {}, "Resources": {}}',
        Parameters=[],
        DisableRollback=True,
    )
    remove(stage, played, messages.append)
    kept = f"{stage.sender_domain} stays in SES: mails of dukat-prod are sent from it."
    assert kept in messages
    assert identity(stage.sender_domain, played) is not None
    assert Stack(other, played).status() == "CREATE_COMPLETE"
    remove(other, played, messages.append)  # the last one, which did not create it
    assert messages.count(f"  {stage.sender_domain}: deleted from SES") == 1
    assert identity(stage.sender_domain, played) is None


def test_a_stage_with_another_sender_does_not_keep_the_identity(
    played: AwsWithStandIns, stage: Stage, event: Event, messages: list[str]
) -> None:
    variables = {**stage.environment, "MAIL_SENDER": "Dukat <dukat@other.example>"}
    configuration = {**stage.configuration, "environment_variables": variables}
    other = replace(stage, name="prod", configuration=configuration)
    provision(other, Organisation.of(event), played, lambda _: None)
    remove(stage, played, messages.append)
    assert f"  {stage.sender_domain}: deleted from SES" in messages
    assert identity("other.example", played) is not None


def test_functions_missing_from_chalices_record_prevent_deleting_the_table(
    played: AwsWithStandIns, stage: Stage, event: Event, messages: list[str], cloud: CloudFormation
) -> None:
    """Chalice's record was not committed: the pages would stay, without a table."""
    fill(event)
    cloud.calls.clear()
    web = functions_of(stage)[0]
    answer = {"FunctionName": web.deployed_as}

    class Lambda:
        def get_function_configuration(self, FunctionName: str) -> dict[str, str]:  # noqa: N803
            if FunctionName != web.deployed_as:
                missing: Any = {"Error": {"Code": "ResourceNotFoundException"}}
                raise boto3.client("lambda").exceptions.ResourceNotFoundException(missing, "Get")
            return answer

    aws = AwsWithStandIns(cloudformation=cloud, **{"lambda": Lambda()})
    with pytest.raises(RemovalFailed, match="dukat-dev: still deployed, but not in"):
        remove(stage, aws, messages.append)
    assert cloud.calls == []
    assert not StageTable(stage, aws).is_empty()


# A stage's whole life, with the real Chalice against moto's server


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty AWS on this machine, also for other processes."""

    def import_rest_api(self: APIGatewayBackend, api_doc: Any, fail_on_warnings: bool) -> RestAPI:  # noqa: FBT001
        """Replace moto's, which rejects Chalice's document; a stage needs one method."""
        api = self.create_rest_api(name=api_doc["info"]["title"], description="")
        (root,) = api.resources
        self.put_method(api.id, root, "GET", "NONE")
        self.put_integration(api.id, root, "GET", "MOCK", "", "POST")
        return api

    monkeypatch.setattr(APIGatewayBackend, "import_rest_api", import_rest_api)
    for name in (*local_aws.ENVIRONMENT, "AWS_ENDPOINT_URL"):
        monkeypatch.setenv(name, "")  # restored after the test
    with local_aws.local_aws():
        boto3.client("dynamodb").delete_table(TableName=local_aws.TABLE)
        yield


def everything() -> dict[str, list[str]]:
    """The resources on AWS of each kind that Dukat and Chalice create, by service."""
    lists = {
        "lambda": ("list_functions", "Functions", "FunctionName"),
        "iam": ("list_roles", "Roles", "RoleName"),
        "events": ("list_rules", "Rules", "Name"),
        "apigateway": ("get_rest_apis", "items", "name"),
        "dynamodb": ("list_tables", "TableNames", ""),
        "sns": ("list_topics", "Topics", "TopicArn"),
        "sqs": ("list_queues", "QueueUrls", ""),
        "logs": ("describe_log_groups", "logGroups", "logGroupName"),
        "cloudformation": ("describe_stacks", "Stacks", "StackName"),
    }
    found = {}
    for service, (operation, key, name) in lists.items():
        client: Any = Aws().client(service)
        resources = getattr(client, operation)().get(key, [])
        found[service] = sorted(resource[name] if name else resource for resource in resources)
    return {service: resources for service, resources in found.items() if resources}


def deploy(stage: Stage) -> None:
    chalice = Path(sys.executable).with_name("chalice")
    subprocess.run(
        [chalice, "deploy", "--stage", stage.name],
        cwd=stage.project,
        check=True,
        capture_output=True,
    )


def test_a_provisioned_and_deployed_stage_is_removed_completely(
    server: None, stage: Stage, event: Event, messages: list[str]
) -> None:
    aws = Aws()
    provision(stage, Organisation.of(event), aws, messages.append)
    deploy(stage)
    apply_post_deploy_settings(stage, only(event), aws, messages.append)
    made = everything()
    assert made["lambda"] == sorted(one.deployed_as for one in functions_of(stage))
    assert len(made) == 9
    messages.clear()
    remove(stage, aws, messages.append)
    assert everything() == {}
    assert not stage.state_file.exists()
    assert "Deleting Rest API" in messages[0]
    remove(stage, aws, messages.append)


def test_if_chalice_delete_fails_the_table_and_chalices_record_stay(
    server: None, stage: Stage, event: Event, messages: list[str]
) -> None:
    aws = Aws()
    provision(stage, Organisation.of(event), aws, messages.append)
    stage.state_file.parent.mkdir()
    stage.state_file.write_text("{", "utf-8")
    with pytest.raises(RemovalFailed, match="chalice delete failed"):
        remove(stage, aws, messages.append)
    assert stage.state_file.exists()
    assert everything()["dynamodb"] == ["dukat-dev"]
