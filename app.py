"""The Chalice app: pages, and the scheduled functions that close, summarise and mail."""

import gc

gc.disable()  # what is imported stays: looking for what doesn't takes a tenth of a cold start

from datetime import UTC

from chalice.app import Chalice, CloudWatchEvent, Cron, Rate, SNSEvent

from chalicelib import bootstrap, routes
from chalicelib.event.event import Event
from chalicelib.lifecycle.timing import SETTLING
from chalicelib.logs.requests import request_logger
from chalicelib.logs.runs import guard_run
from chalicelib.media_types import XLSX
from chalicelib.web.headers import finish_answer
from chalicelib.web.request import language_of

bootstrap.set_up_log()
app = Chalice(app_name="dukat", configure_logs=False)
app.api.binary_types = bootstrap.gateway_binary_types([XLSX])
app.register_middleware(
    request_logger(lambda: bootstrap.composition().seconds(), language_of), "http"
)
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
    from chalicelib.mail.ses_events import read_ses_event
    from chalicelib.mail.ses_events import record_mail_event as record

    mail_event = read_ses_event(event.message)
    alarming = record(bootstrap.composition().context(), mail_event)
    _count(MailsFailed=int(alarming))


def _tend() -> None:
    from chalicelib.closing.tick import run_due_steps
    from chalicelib.lifecycle.steps import Step, counts
    from chalicelib.mail.lazy_mailer import LazyMailer

    parts, taken = bootstrap.composition(), list[Step]()
    try:
        run_due_steps(parts.context(), LazyMailer(lambda: parts.mailer), parts.new_token, taken)
    finally:
        _count(**counts(taken))


def _count(**counts: int) -> None:
    """Leaves out what is zero: a metric that is missing is no alarm."""
    parts = bootstrap.composition()
    some = {name: count for name, count in counts.items() if count}
    if some:
        from chalicelib.logs.metrics import metric_line

        parts.write_line(metric_line(parts.clock(), parts.settings.table, some))


gc.freeze()
gc.enable()
