"""What the events of a deployment share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.event.theme import Theme
from chalicelib.texts.language import LANGUAGES

if TYPE_CHECKING:
    from chalicelib.event.event import Event


@dataclass(frozen=True)
class Organisation:
    """The look of pages of no single event, and the settings of the deployment.

    `operator` gets AWS's alarms. `region`, `backup_days` and `log_days` are the same in every
    event's privacy notice.
    """

    theme: Theme
    operator: str
    region: str
    backup_days: int
    log_days: int
    languages: tuple[str, ...] = LANGUAGES

    @classmethod
    def of(cls, event: Event) -> Organisation:
        """What an event's file says, laid over the organisation's."""
        privacy = event.privacy
        return cls(
            event.theme,
            event.operator,
            privacy.region,
            privacy.backup_days,
            privacy.log_days,
            event.languages,
        )
