"""Checks of what the functions may do: the policy files here and the IAM policies on AWS."""

from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from management.doctor.facts import CheckFailed, StageFacts
from management.stage.aws import code_of
from management.stage.functions import Function
from management.stage.policies import policy, policy_files


class PermissionFacts(StageFacts):
    """The policies in this folder, on AWS, and as the code needs them."""

    @cached_property
    def outdated_policies(self) -> list[str]:
        """The names of the policy files that are missing or differ from what the code needs."""
        wanted = policy_files(self.functions, self.stage, self._aws.place)
        return [
            path.name
            for path, text in wanted.items()
            if not path.exists() or path.read_text(encoding="utf-8") != text
        ]

    def wanted_policy(self, function: Function) -> dict[str, Any]:
        """The policy that the function's code needs."""
        return policy(function, self.stage, self._aws.place)

    def deployed_policy(self, function: Function) -> dict[str, Any] | None:
        """The policy that the deploy gave the function's role, or None."""
        policies = self._own_policies(function)
        return policies.get(_name_of(self.wanted_policy(function), policies))

    def other_policies(self, function: Function) -> list[str]:
        """The names of any further policies of the function's role; there should be none."""
        policies, role = self._own_policies(function), self._role(function)
        pages = self._aws.client("iam").get_paginator("list_attached_role_policies")
        attached = [
            one["PolicyName"]
            for page in pages.paginate(RoleName=role)
            for one in page["AttachedPolicies"]
        ]
        deployed = _name_of(self.wanted_policy(function), policies)
        return [*(name for name in policies if name != deployed), *attached]

    def _own_policies(self, function: Function) -> dict[str, dict[str, Any]]:
        """The policies in the function's role, by name."""
        role, client = self._role(function), self._aws.client("iam")
        if not role:
            return {}
        pages = client.get_paginator("list_role_policies").paginate(RoleName=role)
        return {
            name: client.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            for page in pages
            for name in page["PolicyNames"]
        }

    def _role(self, function: Function) -> str:
        """The name of the function's role; empty if the function is not deployed."""
        try:
            found = self._aws.client("lambda").get_function_configuration(
                FunctionName=function.deployed_as
            )
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                return ""
            raise
        return str(found["Role"]).rpartition("/")[2]


def _name_of(wanted: dict[str, Any], policies: dict[str, dict[str, Any]]) -> str:
    """The name of the policy that is wanted, else of the first: Chalice and CloudFormation choose
    different names.
    """
    found = (name for name, document in policies.items() if document == wanted)
    return next(found, next(iter(policies), ""))


def check_policy_files(deployed: PermissionFacts) -> str:
    """The policy files are what the code needs in this account."""
    if deployed.outdated_policies:
        raise CheckFailed(
            f"missing or outdated: {', '.join(deployed.outdated_policies)}",
            f"Write them with {deployed.write_policies_command}, deploy, and commit them.",
        )
    return "each has the permissions that the code needs"


def check_policies(deployed: PermissionFacts) -> str:
    """On AWS each function has the policy that its code needs, and no other."""
    outdated = [
        function.deployed_as
        for function in deployed.functions
        if deployed.deployed_policy(function) != deployed.wanted_policy(function)
    ]
    if outdated:
        raise CheckFailed(
            f"the policy is not what the code needs: {', '.join(outdated)}",
            deployed.deploy_command
            if deployed.is_packaged
            else f"{deployed.provision_command}, then {deployed.deploy_command}",
        )
    others = [
        f"{function.deployed_as} has {name}"
        for function in deployed.functions
        for name in deployed.other_policies(function)
    ]
    if others:
        raise CheckFailed(
            f"more permissions than the code needs: {', '.join(others)}",
            "Remove these policies from the functions' roles in IAM's console.",
        )
    return "each function has the permissions that its code needs, and no others"
