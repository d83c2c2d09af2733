"""A deployed stage as AWS and this machine show it: every fact that the doctor checks."""

from management.doctor.account import AccountFacts
from management.doctor.alarm_state import AlarmFacts
from management.doctor.applied_stack import StackFacts
from management.doctor.deployed_functions import FunctionFacts
from management.doctor.deployed_package import PackageFacts
from management.doctor.event_state import EventStateFacts
from management.doctor.mail_delivery import MailDeliveryFacts
from management.doctor.permissions import PermissionFacts
from management.doctor.post_deploy_settings import PostDeploySettings
from management.doctor.sender_identity import SenderFacts
from management.doctor.table_settings import TableFacts


class DeployedStage(
    AccountFacts,
    EventStateFacts,
    StackFacts,
    TableFacts,
    SenderFacts,
    MailDeliveryFacts,
    AlarmFacts,
    PackageFacts,
    PermissionFacts,
    PostDeploySettings,
    FunctionFacts,
):
    """Every fact about a stage. Each is read on first use and then cached."""
