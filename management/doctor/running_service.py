"""Checks of the running service: the pages answer, and the tick runs."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cached_property
from time import sleep

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.event.events import Events
from management.doctor.facts import CheckFailed, StageFacts

_RECENT = timedelta(minutes=15)
_ATTEMPTS, _PAUSE_SECONDS = 36, 5.0


class ServiceFacts(StageFacts):
    """What the functions do when they run."""

    @cached_property
    def ticked_at(self) -> datetime | None:
        """When the last tick succeeded, by its log (UTC); None if none did in 15 minutes."""
        pages = (
            self._aws.client("logs")
            .get_paginator("filter_log_events")
            .paginate(
                logGroupName=f"/aws/lambda/{self.stage.service}-tick",
                startTime=round((self.now - _RECENT).timestamp() * 1000),
                filterPattern='"Ticks"',
            )
        )
        milliseconds = [event["timestamp"] for page in pages for event in page["events"]]
        return datetime.fromtimestamp(max(milliseconds) / 1000, UTC) if milliseconds else None

    def page_status(self, path: str) -> int:
        """The HTTP status of the deployed web function for GET `path`; 500 if it fails."""
        from app import app
        from management.local.gateway import Gateway

        gateway = Gateway(app, lambda: self.now, self.stage.api_stage)
        event = gateway.event("GET", path, {"Accept": "text/html"}, b"", self.now)
        answer = self._aws.client("lambda").invoke(
            FunctionName=self.stage.service, Payload=json.dumps(event)
        )
        if answer.get("FunctionError"):
            return 500
        return int(json.loads(answer["Payload"].read())["statusCode"])


def wait_for_tick(
    read_stage: Callable[[], ServiceFacts], pause: Callable[[float], None] = sleep
) -> None:
    """Wait until a tick succeeds after this call: at most three minutes, or until AWS refuses.

    `read_stage` reads the facts anew; `pause` waits a number of seconds.
    """
    since = read_stage().now
    for _ in range(_ATTEMPTS):
        try:
            ticked_at = read_stage().ticked_at
        except (ClientError, BotoCoreError):
            return
        if ticked_at and ticked_at >= since:
            return
        pause(_PAUSE_SECONDS)


def check_pages(deployed: ServiceFacts) -> str:
    """The deployed function answers the public pages with 200."""
    faults = [
        f"{path} answers {status}"
        for path in ("/", *_paths_of(deployed.events))
        if (status := deployed.page_status(path)) != 200
    ]
    if faults:
        raise CheckFailed("; ".join(faults), "Read the web function's log: see docs/operations.md.")
    return "the agendas, the forms and the privacy notices answer"


def _paths_of(events: Events) -> Iterator[str]:
    for event in events.all():
        if event.published:
            yield from (f"/{event.id}{page}" for page in ("", "/registration", "/privacy"))


def check_tick(deployed: ServiceFacts) -> str:
    """A tick succeeded in the last 15 minutes."""
    if deployed.ticked_at is None:
        raise CheckFailed(
            "no tick has succeeded for 15 minutes",
            "Just after a deploy, wait two minutes; otherwise see docs/operations.md, no-tick.",
        )
    return f"the last tick succeeded at {deployed.ticked_at:%H:%M} UTC"
