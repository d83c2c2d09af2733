"""A function in a process of its own, as Lambda starts one: the package and the runtime's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

Event = Mapping[str, Any]

# Imports app.py and calls one handler: with each of the first events, and then with batches.
_DRIVER = """
import json, re, sys, time
paths, handler, firsts, batches, times = json.load(sys.stdin)
sys.path[:0] = paths
import awslambdaric.bootstrap
before = time.process_time()
import app
function = getattr(app, handler)
took = [time.process_time() - before]

def call(event):
    answer = function(event, None)
    if answer and answer["statusCode"] >= 400:
        sys.exit("answered %s: %s" % (answer["statusCode"], answer["body"]))

for event in firsts:
    started = time.process_time()
    call(event)
    took.append(time.process_time() - started)
each = []
for events in batches:
    started = time.process_time()
    for _ in range(times):
        for event in events:
            call(event)
    each.append((time.process_time() - started) / len(events) / times)
# Not ru_maxrss, which a new process has from the one that started it.
peak = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]
modules = sorted(name for name in sys.modules if "." not in name or name.startswith("chalicelib"))
print("took:" + json.dumps([int(peak) / 1024, before, took, each, modules]))
"""


@dataclass(frozen=True)
class Run:
    """One process: peak in MB; CPU seconds until the runtime was ready, of the import of app.py,
    of each first call, and of one call in each batch. `modules` are those that were imported.
    """

    peak: float
    runtime: float
    init: float
    first: tuple[float, ...]
    each: tuple[float, ...]
    modules: tuple[str, ...]

    @property
    def cold(self) -> float:
        """CPU seconds from the runtime's being ready to the first answer."""
        return self.init + self.first[0]


def run(
    task: Path,
    beside: Path,
    firsts: Sequence[Event],
    batches: Sequence[Sequence[Event]] = (),
    *,
    times: int = 1,
    handler: str = "app",
    environment: Mapping[str, str] | None = None,
    prelude: str = "",
) -> Run:
    """Starts the process and waits for its end; raises ClickException if the function failed.

    It takes each batch so many times, and runs the prelude's code first.
    """
    told = json.dumps([[str(task), str(beside)], handler, firsts, batches, times])
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", prelude + _DRIVER],
        input=told,
        cwd=task,
        env={**os.environ, "AWS_LAMBDA_FUNCTION_NAME": "bench", **(environment or {})},
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise click.ClickException(f"{task.name}: {done.stderr[-500:]}")
    peak, runtime, (init, *first), each, modules = json.loads(done.stdout.rpartition("took:")[2])
    return Run(peak, runtime, init, tuple(first), tuple(each), tuple(modules))
