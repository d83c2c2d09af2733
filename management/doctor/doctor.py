"""The doctor's checks in their order: what must hold so that the service works on the day."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.dynamo.errors import StoreUnavailable
from management.deploy.deployment import NotDeployed
from management.doctor.account import check_account, check_credentials, check_region
from management.doctor.alarm_state import check_alarm_mails, check_alarms
from management.doctor.applied_stack import check_stack
from management.doctor.deployed_functions import (
    check_functions,
    check_python,
    check_reserved_runs,
    check_runtime,
    check_runtime_support,
    check_schedules,
)
from management.doctor.deployed_package import check_package
from management.doctor.deployed_stage import DeployedStage
from management.doctor.event_file import (
    check_addresses,
    check_event_files,
    check_left_to_do,
    check_phones,
    check_privacy_notice,
)
from management.doctor.event_state import (
    check_deadlines,
    check_deletions,
    check_programmes,
    check_registered_events,
)
from management.doctor.example_texts import check_english_texts, check_example_texts
from management.doctor.facts import CheckFailed
from management.doctor.mail_delivery import (
    check_mail_events,
    check_receipts,
    check_recipients,
    check_sending,
)
from management.doctor.permissions import check_policies, check_policy_files
from management.doctor.post_deploy_settings import check_post_deploy_settings
from management.doctor.project_files import (
    check_file_modes,
    check_stage_settings,
    check_state_file,
)
from management.doctor.running_service import check_pages, check_tick
from management.doctor.sender_identity import check_dkim, check_sender
from management.doctor.table_settings import check_copies, check_table


@dataclass(frozen=True)
class Finding:
    """The result of a check: `message` says what is right or wrong, `remedy` how to fix it.

    `state` is `ok`, `to do` for a next step of the organiser's, or `WRONG`.
    """

    check: str
    state: str
    message: str
    remedy: str = ""

    @property
    def passed(self) -> bool:
        """Whether nothing is left to do."""
        return self.state == "ok"


@dataclass(frozen=True)
class Check:
    """One check: `run` returns what is right, or raises CheckFailed."""

    name: str
    run: Callable[[DeployedStage], str]
    before_deploy: bool = False


CHECKS = (
    Check("credentials", check_credentials, before_deploy=True),
    Check("account", check_account, before_deploy=True),
    Check("region", check_region, before_deploy=True),
    Check("Python", check_python, before_deploy=True),
    Check("event file", check_event_files, before_deploy=True),
    Check("left to do", check_left_to_do, before_deploy=True),
    Check("registered events", check_registered_events, before_deploy=True),
    Check("stage's settings", check_stage_settings, before_deploy=True),
    Check("addresses", check_addresses, before_deploy=True),
    Check("phones", check_phones, before_deploy=True),
    Check("notice", check_privacy_notice, before_deploy=True),
    Check("example", check_example_texts, before_deploy=True),
    Check("English", check_english_texts, before_deploy=True),
    Check("deadline", check_deadlines, before_deploy=True),
    Check("programme", check_programmes, before_deploy=True),
    Check("file modes", check_file_modes, before_deploy=True),
    Check("stack", check_stack),
    Check("policy files", check_policy_files),
    Check("table", check_table),
    Check("copies", check_copies),
    Check("sender", check_sender),
    Check("DKIM", check_dkim),
    Check("sending", check_sending),
    Check("mail events", check_mail_events),
    Check("receipts", check_receipts),
    Check("recipients", check_recipients),
    Check("alarm mails", check_alarm_mails),
    Check("functions", check_functions),
    Check("state file", check_state_file),
    Check("runtime", check_runtime),
    Check("runtime's end", check_runtime_support),
    Check("package", check_package),
    Check("policies", check_policies),
    Check("schedules", check_schedules),
    Check("reserved runs", check_reserved_runs),
    Check("finish", check_post_deploy_settings),
    Check("pages", check_pages),
    Check("tick", check_tick),
    Check("deletion", check_deletions),
    Check("alarms", check_alarms),
)


def examine(deployed: DeployedStage, *, only_before_deploy: bool = False) -> Iterator[Finding]:
    """Run the checks in order; a fact that can't be read is a finding too.

    Without valid credentials, or before what all later checks read exists, those are not run.
    """
    for check in CHECKS:
        if only_before_deploy and not check.before_deploy:
            continue
        try:
            yield Finding(check.name, "ok", check.run(deployed))
        except CheckFailed as failed:
            yield Finding(check.name, failed.state, str(failed), failed.remedy)
            if failed.ends_examination:
                return
        except NotDeployed as missing:
            yield Finding(check.name, "WRONG", "not deployed yet", str(missing))
        except (ClientError, BotoCoreError, StoreUnavailable, OSError) as fault:
            remedy = "Make sure that these credentials may read this, and try again."
            first, _, _ = (str(fault) or type(fault).__name__).partition("\n")
            yield Finding(check.name, "WRONG", f"could not be checked: {first}", remedy)
