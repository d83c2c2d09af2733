"""The Chalice app: pages, and the scheduled functions that close, summarise and mail."""

import gc

gc.disable()  # what is imported stays: looking for what doesn't takes a tenth of a cold start

from datetime import UTC
from functools import cache
from typing import Any

from chalice.app import Chalice, CloudWatchEvent, Cron, Rate, SNSEvent

from chalicelib import bootstrap, services
from chalicelib.deadline import SETTLING
from chalicelib.event import Event
from chalicelib.media_types import XLSX
from chalicelib.metrics import metric_line
from chalicelib.runs import guard_run
from chalicelib.views.headers import finish_answer
from chalicelib.views.public import public
from chalicelib.views.request_line import tell_request


class Dukat(Chalice):
    """The app. On Lambda the views of registration or of the desk are imported when they are asked
    for: most visits look at the agenda.
    """

    def __call__(self, event: Any, context: Any) -> dict[str, Any]:
        """One request, as Lambda hands it over."""
        path = event.get("requestContext", {}).get("resourcePath", "")
        if path not in self.routes:
            register_desk() if path.startswith("/desk") else register_registration()
        return super().__call__(event, context)


bootstrap.set_up_log()
app = Dukat(app_name="dukat", configure_logs=False)
app.api.binary_types = bootstrap.gateway_binary_types([XLSX])
app.register_middleware(tell_request, "http")
app.register_middleware(finish_answer, "http")
app.register_middleware(guard_run, "scheduled")
app.register_middleware(guard_run, "sns")
app.register_blueprint(public)


@cache
def register_desk() -> None:
    """Registers the contact persons' views, once."""
    from chalicelib.views.desk_blocks import desk_blocks
    from chalicelib.views.desk_door import desk_door
    from chalicelib.views.desk_extract import desk_extract
    from chalicelib.views.desk_list import desk_list
    from chalicelib.views.desk_overview import desk_overview
    from chalicelib.views.desk_papers import desk_papers
    from chalicelib.views.desk_removal import desk_removal

    for part_of_desk in (
        desk_door,
        desk_overview,
        desk_list,
        desk_removal,
        desk_blocks,
        desk_extract,
        desk_papers,
    ):
        app.register_blueprint(part_of_desk)


@cache
def register_registration() -> None:
    """Registers the attendees' views, once."""
    from chalicelib.views.receipt import receipt
    from chalicelib.views.registration import registration

    app.register_blueprint(registration)
    app.register_blueprint(receipt)


if not bootstrap.on_lambda():
    from chalicelib.views.not_allowed import refuse_other_methods

    register_registration()
    register_desk()
    refuse_other_methods(app)  # API Gateway must know of them; in the app Chalice refuses them


def closing_schedule(event: Event) -> Cron:
    """From when every accepted registration is in the table until the hour ends, in that year.

    More than one minute, so that this schedule alone can take both snapshots and retry the mails.
    """
    at = (event.closes_at + SETTLING).astimezone(UTC)
    return Cron(f"{at.minute}-59", at.hour, at.day, at.month, "?", at.year)


@app.schedule(closing_schedule(bootstrap.composition().event), name="close_registration")
def close_registration(event: CloudWatchEvent) -> None:
    """Closes registration on the last day; the tick alone would do it too."""
    _tend()


@app.schedule(Rate(1, Rate.MINUTES), name="tick")
def tick(event: CloudWatchEvent) -> None:
    """Does what is due, every minute."""
    _tend()
    _count(Ticks=1)


@app.on_sns_message(topic=bootstrap.mail_events_topic(), name="record_mail_event")
def record_mail_event(event: SNSEvent) -> None:
    """Keeps what SES tells of a mail: delivered, bounced, and so on."""
    from chalicelib.ses_events import read_ses_event

    parts = bootstrap.composition()
    alarming = services.record_mail_event(
        read_ses_event(event.message),
        now=parts.clock(),
        event=parts.event,
        table=parts.patient_table,
    )
    _count(MailsFailed=int(alarming))


def _tend() -> None:
    parts = bootstrap.composition()
    taken: list[services.Step] = []
    try:
        services.tend(
            parts.clock(),
            event=parts.event,
            table=parts.patient_table,
            mailer=bootstrap.LateMailer(parts),
            new_token=parts.new_token,
            taken=taken,
        )
    finally:
        _count(**services.counts(taken))


def _count(**counts: int) -> None:
    """Leaves out what is zero: a metric that is missing is no alarm."""
    parts = bootstrap.composition()
    some = {name: count for name, count in counts.items() if count}
    if some:
        parts.tell(metric_line(parts.clock(), parts.settings.table, some))


gc.freeze()
gc.enable()
