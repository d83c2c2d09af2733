"""Checks of the deployed functions: handler, environment, Python version, schedule, runs."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from importlib.resources import files

from botocore.exceptions import ClientError
from chalice.config import Config

from chalicelib.settings import BASE_URL
from management.doctor.facts import CheckFailed, NotThereYet, StageFacts, ToDo
from management.stage.aws import code_of
from management.stage.functions import (
    RESERVED_RUNS,
    UNRESERVED_AT_LEAST,
    Function,
    schedules,
)

# When Lambda ends each runtime, from AWS's documentation; dates as texts: 2027-06-30.
RUNTIMES: dict[str, dict[str, str]] = json.loads(
    (files("cfnlint") / "data/AdditionalSpecs/LmbdRuntimeLifecycle.json").read_text("utf-8")
)
_SOURCE = (
    "Source: docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html, "
    f"as of cfn-lint {version('cfn-lint')}."
)


@dataclass(frozen=True)
class DeployedFunction:
    """A function's configuration on Lambda."""

    handler: str
    runtime: str
    environment: Mapping[str, str] = field(default_factory=dict)


class FunctionFacts(StageFacts):
    """The functions on Lambda and their rules on EventBridge, and what the code asks for."""

    @property
    def python(self) -> str:
        """This Python's version as Lambda names its runtimes: `python3.12`."""
        return f"python{sys.version_info.major}.{sys.version_info.minor}"

    @property
    def runtime(self) -> str:
        """The Lambda runtime that Chalice would choose for this Python."""
        return str(Config().lambda_python_version)

    @cached_property
    def schedules(self) -> dict[str, str]:
        """The schedule that the code gives each scheduled function, by the function's name."""
        return schedules()

    def deployed_function(self, function: Function) -> DeployedFunction | None:
        """The function's configuration on Lambda, or None if it is not deployed."""
        try:
            found = self._aws.client("lambda").get_function_configuration(
                FunctionName=function.deployed_as
            )
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                return None
            raise
        variables = found.get("Environment", {}).get("Variables", {})
        return DeployedFunction(found["Handler"], found["Runtime"], variables)

    def reserved_runs(self, function: str) -> int:
        """How many concurrent runs Lambda keeps free for a function."""
        try:
            found = self._aws.client("lambda").get_function_concurrency(
                FunctionName=f"{self.stage.service}-{function}"
            )
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                return 0
            raise
        return int(found.get("ReservedConcurrentExecutions") or 0)

    @cached_property
    def unreserved_runs(self) -> int:
        """How many concurrent runs the account's functions without a reservation share."""
        limits = self._aws.client("lambda").get_account_settings()["AccountLimit"]
        return int(limits["UnreservedConcurrentExecutions"])

    def deployed_schedule(self, function: str) -> str:
        """The schedule of a function on EventBridge; empty if there is no rule or it is off."""
        client = self._aws.client("events")
        arn = self._aws.place.arn("lambda", f"function:{self.stage.service}-{function}")
        names = client.list_rule_names_by_target(TargetArn=arn)["RuleNames"]
        rules = [client.describe_rule(Name=name) for name in names]
        return " and ".join(
            str(rule["ScheduleExpression"]) for rule in rules if rule.get("State") == "ENABLED"
        )


def check_python(deployed: FunctionFacts) -> str:
    """Lambda has a runtime for this Python, so that tests and functions run the same version."""
    if deployed.runtime != deployed.python:
        raise CheckFailed(
            f"Lambda has no runtime {deployed.python}; Chalice would use {deployed.runtime}",
            f"Install {deployed.runtime}, then: "
            f"make clean && make PYTHON={deployed.runtime} {deployed.make_target}",
        )
    return deployed.python


def check_functions(deployed: FunctionFacts) -> str:
    """Each function of the code is deployed with its handler and the stage's environment."""
    faults, nothing_is_deployed = [], True
    address = {BASE_URL: ""}  # the check "finish" compares it with the pages'
    for function in deployed.functions:
        found = deployed.deployed_function(function)
        nothing_is_deployed &= found is None
        if found is None:
            faults.append(f"{function.deployed_as} is not deployed")
        elif found.handler != function.handler:
            faults.append(f"{function.deployed_as} runs {found.handler}, not {function.handler}")
        elif {**found.environment, **address} != {**deployed.stage.environment, **address}:
            faults.append(
                f"{function.deployed_as} does not have the environment set in .chalice/config.json"
            )
    if nothing_is_deployed:
        raise NotThereYet(
            "the service is not deployed yet; the checks of it follow",
            f"make deploy STAGE={deployed.stage.name}",
        )
    if faults:
        raise CheckFailed("; ".join(faults), deployed.redeploy_commands)
    return f"{len(deployed.functions)} functions run the handlers of the code"


def check_runtime(deployed: FunctionFacts) -> str:
    """Every deployed function runs this machine's version of Python."""
    runtimes = {
        found.runtime
        for function in deployed.functions
        if (found := deployed.deployed_function(function))
    }
    if runtimes != {deployed.python}:
        raise CheckFailed(
            f"the functions run {', '.join(sorted(runtimes)) or 'nothing'}, "
            f"this machine runs {deployed.python}",
            f"Use that version here, or deploy with this one: {deployed.deploy_command}",
        )
    return f"the functions run {deployed.python}"


def check_runtime_support(deployed: FunctionFacts) -> str:
    """Lambda supports this Python until the last event's personal data are deleted."""
    ends = RUNTIMES.get(deployed.python)
    last = max(deployed.events.all(), key=lambda event: event.deletes_at)
    deleted = f"{last.deletes_at.astimezone(last.timezone):%Y-%m-%d}"
    if ends and ends["deprecated"] < deleted:
        raise ToDo(
            f"Lambda maintains {deployed.python} until {ends['deprecated']} and takes no new code "
            f"for it from {ends['update-block']}; the data of {last.id} are deleted {deleted}",
            f"Install {ends['successor']}, then: make clean && make PYTHON={ends['successor']} "
            f"{deployed.make_target}. {_SOURCE}",
        )
    until = f"until {ends['deprecated']}" if ends else "without an announced end"
    return f"Lambda maintains {deployed.python} {until}. {_SOURCE}"


def check_schedules(deployed: FunctionFacts) -> str:
    """Each scheduled function has a rule that is on, with the schedule of the code."""
    faults = [
        f"{name} is {deployed.deployed_schedule(name) or 'off'}, not {schedule}"
        for name, schedule in deployed.schedules.items()
        if deployed.deployed_schedule(name) != schedule
    ]
    if faults:
        raise CheckFailed("; ".join(faults), deployed.deploy_command)
    return f"closing {deployed.schedules['close_registration']}, tick every minute"


def check_reserved_runs(deployed: FunctionFacts) -> str:
    """However many requests come, closing and tick can run."""
    lacking = [name for name in deployed.schedules if deployed.reserved_runs(name) < RESERVED_RUNS]
    finish = f"manage.py finish {deployed.stage_option}"
    if lacking and deployed.unreserved_runs < UNRESERVED_AT_LEAST + RESERVED_RUNS * len(lacking):
        raise CheckFailed(
            f"the account's functions share {deployed.unreserved_runs} concurrent runs, too few to "
            "reserve any: a flood of requests can delay the closing and every mail",
            "In AWS's console, Service Quotas, AWS Lambda, Concurrent executions: request 1000. "
            f"Then: {finish}",
        )
    if lacking:
        raise CheckFailed(f"no runs are reserved for {', '.join(lacking)}", finish)
    return "runs are reserved for closing and tick, whatever the pages have to do"
