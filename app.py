"""The Chalice app: the pages, the scheduled runs, and the mail events that SES publishes."""

import gc

gc.disable()  # garbage collection during the imports takes a tenth of a cold start

from datetime import UTC

from chalice.app import Chalice, CloudWatchEvent, Cron, Rate, SNSEvent

from chalicelib import bootstrap, routes
from chalicelib.event.event import Event
from chalicelib.lifecycle.timing import SETTLING
from chalicelib.logs.requests import request_logger
from chalicelib.logs.runs import guard_run
from chalicelib.media_types import XLSX
from chalicelib.web.headers import finish_response
from chalicelib.web.request import language_of

bootstrap.set_up_log()
app = Chalice(app_name="dukat", configure_logs=False)
app.api.binary_types = bootstrap.gateway_binary_types([XLSX])
app.register_middleware(
    request_logger(lambda: bootstrap.composition().seconds(), language_of), "http"
)
app.register_middleware(finish_response, "http")
app.register_middleware(guard_run, "scheduled")
app.register_middleware(guard_run, "sns")
routes.register(app, with_other_methods=not bootstrap.on_lambda())


def closing_schedule(event: Event) -> Cron:
    """Every minute from SETTLING after `event.closes_at` to the end of that hour (UTC).

    Several runs: enough for both snapshots and for retrying mails if the tick fails.
    """
    at = (event.closes_at + SETTLING).astimezone(UTC)
    return Cron(f"{at.minute}-59", at.hour, at.day, at.month, "?", at.year)


@app.schedule(closing_schedule(bootstrap.composition().event), name="close_registration")
def close_registration(event: CloudWatchEvent) -> None:
    """Run the due steps after the deadline, even if the tick fails."""
    _run_due_steps()


@app.schedule(Rate(1, Rate.MINUTES), name="tick")
def tick(event: CloudWatchEvent) -> None:
    """Run the due steps, every minute."""
    _run_due_steps()
    _count(Ticks=1)


@app.on_sns_message(topic=bootstrap.mail_events_topic(), name="record_mail_event")
def record_mail_event(event: SNSEvent) -> None:
    """Store what SES reports about a mail: delivered, bounced, and so on."""
    from chalicelib.mail.ses_events import read_ses_event
    from chalicelib.mail.ses_events import record_mail_event as record

    mail_event = read_ses_event(event.message)
    alarming = record(bootstrap.composition().context(), mail_event)
    _count(MailsFailed=int(alarming))


def _run_due_steps() -> None:
    from chalicelib.closing.tick import run_due_steps
    from chalicelib.lifecycle.steps import Step, metrics_of
    from chalicelib.mail.lazy_mailer import LazyMailer

    parts, taken = bootstrap.composition(), list[Step]()
    try:
        run_due_steps(parts.context(), LazyMailer(lambda: parts.mailer), parts.new_token, taken)
    finally:
        _count(**metrics_of(taken))


def _count(**counts: int) -> None:
    """Write the counts as metrics, without zeros: no alarm needs a zero."""
    parts = bootstrap.composition()
    nonzero = {name: count for name, count in counts.items() if count}
    if nonzero:
        from chalicelib.logs.metrics import metric_line

        parts.write_line(metric_line(parts.clock(), parts.settings.table, nonzero))


gc.freeze()
gc.enable()
