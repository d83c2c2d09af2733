"""An alarm: something that the operator must look at, told without personal data."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.mail_faults import Fault


@dataclass(frozen=True)
class Alarm:
    """A fault of one mail, or of all receipts of a day. `id` is the same for the same fault.

    `contact` is the contact person's number in the event file, from 1; 0 if it is not one of them.
    `going_on` says that the mail is still being tried.
    """

    id: str
    fault: Fault
    kind: str
    contact: int
    at: datetime
    going_on: bool
