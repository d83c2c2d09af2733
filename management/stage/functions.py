"""The Lambda functions and schedules of a stage, as the code defines them."""

from typing import NamedTuple

from management.stage.stages import Stage

WEB = "api_handler"
# MB, which also set the share of a CPU. The scheduled functions summarise an hour's flood in time.
BACKGROUND_MEMORY = 256
SCHEDULED_MEMORY = 1024
# Seconds: a tick may count a large table and send 50 mails.
SCHEDULED_TIMEOUT = 60
# Concurrent runs kept free for each scheduled function, however many visitors there are: a run of a
# minute may overlap with the next.
RESERVED_RUNS = 2
# What Lambda leaves to functions without a reservation (its API reference, PutFunctionConcurrency).
# A new account has 10 in all.
UNRESERVED_AT_LEAST = 100


class Function(NamedTuple):
    """One function: Chalice's name for it, its name on AWS, and its handler in the code."""

    name: str
    deployed_as: str
    handler: str

    @property
    def policy(self) -> str:
        """The function's name in its policy file's name."""
        return "web" if self.name == WEB else self.name.replace("_", "-")

    @property
    def log_group(self) -> str:
        """The log group that Lambda writes to."""
        return f"/aws/lambda/{self.deployed_as}"


def functions_of(stage: Stage) -> list[Function]:
    """All functions of the stage, the web function first."""
    from app import app

    web = Function(WEB, stage.service, "app.app")
    others = [
        Function(source.name, f"{stage.service}-{source.name}", source.handler_string)
        for source in app.event_sources
    ]
    return [web, *others]


def schedules() -> dict[str, str]:
    """The schedule of each function that has one: `cron(2-59 22 24 5 ? 2027)`."""
    from app import app

    return {
        source.name: _expression(source.schedule_expression)
        for source in app.event_sources
        if hasattr(source, "schedule_expression")
    }


def _expression(schedule: object) -> str:
    return schedule if isinstance(schedule, str) else str(schedule.to_string())  # type: ignore[attr-defined]
