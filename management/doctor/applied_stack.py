"""Check of the CloudFormation stack, compared with infrastructure.json."""

from functools import cached_property

from management.deploy.provisioning import parameters
from management.deploy.stack import Stack, template_to_apply
from management.doctor.facts import CheckFailed, NotThereYet, StageFacts

_HEALTHY = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}


class StackFacts(StageFacts):
    """The stack as it was applied."""

    @cached_property
    def stack_status(self) -> str:
        """CloudFormation's status of the stack; empty if there is no stack."""
        return self._stack.status()

    @cached_property
    def stack_differences(self) -> list[str]:
        """The names in the template or its parameters that differ from what was applied last."""
        applied_template, applied_parameters = self._stack.applied()
        wanted = parameters(self.stage, self.organisation, self._aws, self._stack)
        names = [name for name, value in wanted.items() if applied_parameters.get(name) != value]
        template = template_to_apply(self.stage.project)
        for section in ("Parameters", "Conditions", "Resources"):
            before, now = applied_template.get(section, {}), template.get(section, {})
            names += sorted(
                name for name in before.keys() | now.keys() if before.get(name) != now.get(name)
            )
        return names

    @cached_property
    def _stack(self) -> Stack:
        return Stack(self.stage, self._aws)


def check_stack(deployed: StackFacts) -> str:
    """The stack is healthy, and was applied from the current template and parameters."""
    if not deployed.stack_status:
        raise NotThereYet(
            "table, mail set-up and alarms are not created yet; checks of them follow",
            f"manage.py provision {deployed.stage_option}, or at once "
            f"make deploy STAGE={deployed.stage.name}",
        )
    if deployed.stack_status not in _HEALTHY:
        raise CheckFailed(
            f"the stack is {deployed.stack_status}",
            deployed.provision_command,
        )
    if deployed.stack_differences:
        raise CheckFailed(
            f"changed since the stack was applied: {', '.join(deployed.stack_differences)}",
            deployed.provision_command,
        )
    return f"{deployed.stage.service} matches infrastructure.json"
