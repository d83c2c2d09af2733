"""The Chalice app: the pages, the scheduled runs, and the mail events that SES publishes."""

import gc

gc.disable()  # garbage collection during the imports takes a tenth of a cold start

from collections.abc import Iterable
from datetime import UTC, datetime

from chalice.app import Chalice, CloudWatchEvent, Cron, Rate, SNSEvent

from chalicelib import bootstrap, routes
from chalicelib.lifecycle.timing import CLOSING_RUNS_FOR, SETTLING
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


def closing_schedule(deadlines: Iterable[datetime]) -> Cron:
    """Every minute from SETTLING after each of the deadlines to the end of that hour (UTC), and of
    the next one if less than CLOSING_RUNS_FOR is left.

    Several runs: enough for both snapshots and for retrying mails if the tick fails. One cron for
    all deadlines: the union of their minutes, hours, days, months and years, so it also runs at
    some times when nothing is due.
    """
    first_runs = [(at + SETTLING).astimezone(UTC) for at in deadlines]
    last_runs = [at + CLOSING_RUNS_FOR for at in first_runs]
    times = first_runs + [
        last.replace(minute=0)
        for first, last in zip(first_runs, last_runs, strict=True)
        if last.hour != first.hour
    ]

    def union(field: str) -> str:
        return ",".join(str(number) for number in sorted({getattr(at, field) for at in times}))

    return Cron(
        f"{min(at.minute for at in times)}-59",
        union("hour"),
        union("day"),
        union("month"),
        "?",
        union("year"),
    )


@app.schedule(closing_schedule(bootstrap.deadlines_of_files()), name="close_registration")
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
    parts = bootstrap.composition()
    context = parts.context_of(mail_event.event_id) if mail_event else None
    alarming = record(context, mail_event)
    _count(mail_event.event_id if mail_event else "", MailsFailed=int(alarming))


def _run_due_steps() -> None:
    from chalicelib.closing.events_to_run import contexts_to_run
    from chalicelib.closing.tick import run_due_steps
    from chalicelib.lifecycle.steps import Step, metrics_of
    from chalicelib.mail.lazy_mailer import LazyMailer

    parts, taken = bootstrap.composition(), list[Step]()
    now, shared, errors = parts.clock(), parts.shared_table(), list[Exception]()
    contexts = contexts_to_run(parts.events, shared, parts.patient_table, now, errors)
    mailer, stack_url = LazyMailer(lambda: parts.mailer), parts.settings.base_url
    try:
        run_due_steps(contexts, mailer, parts.new_token, taken, stack_url)
        for error in errors:
            raise error
    finally:
        for event_id in {step.event for step in taken}:
            _count(event_id, **metrics_of(step for step in taken if step.event == event_id))


def _count(event_id: str = "", **counts: int) -> None:
    """Write the counts as metrics, without zeros: no alarm needs a zero."""
    parts = bootstrap.composition()
    nonzero = {name: count for name, count in counts.items() if count}
    if nonzero:
        from chalicelib.logs.metrics import metric_line

        parts.write_line(metric_line(parts.clock(), parts.settings.table, nonzero, event_id))


gc.freeze()
gc.enable()
