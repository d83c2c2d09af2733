"""The Chalice app: pages, and the scheduled functions that close, summarise and mail."""

import gc

gc.disable()  # what is imported stays: looking for what doesn't takes a tenth of a cold start

from datetime import UTC

from chalice.app import Chalice, CloudWatchEvent, Cron, Rate, SNSEvent

from chalicelib import bootstrap, routes
from chalicelib.event.event import Event
from chalicelib.lifecycle.timing import SETTLING
from chalicelib.logs.json_lines import metric_line
from chalicelib.logs.requests import tell_request
from chalicelib.logs.runs import guard_run
from chalicelib.web.headers import finish_answer

bootstrap.set_up_log()
app = Chalice(app_name="dukat", configure_logs=False)
app.api.binary_types = bootstrap.gateway_binary_types([routes.XLSX])
app.register_middleware(tell_request, "http")
app.register_middleware(finish_answer, "http")
app.register_middleware(guard_run, "scheduled")
app.register_middleware(guard_run, "sns")
routes.register(app, with_other_methods=not bootstrap.on_lambda())


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
    from chalicelib.mail import deliveries as mail_events
    from chalicelib.mail.ses_events import read_ses_event

    told = read_ses_event(event.message)
    alarming = mail_events.record_mail_event(bootstrap.composition().context(), told)
    _count(MailsFailed=int(alarming))


def _tend() -> None:
    from chalicelib.closing.tick import tend
    from chalicelib.lifecycle.steps import Step, counts

    parts, taken = bootstrap.composition(), list[Step]()
    try:
        tend(parts.context(), bootstrap.LateMailer(parts), parts.new_token, taken)
    finally:
        _count(**counts(taken))


def _count(**counts: int) -> None:
    """Leaves out what is zero: a metric that is missing is no alarm."""
    parts = bootstrap.composition()
    some = {name: count for name, count in counts.items() if count}
    if some:
        parts.tell(metric_line(parts.clock(), parts.settings.table, some))


gc.freeze()
gc.enable()
