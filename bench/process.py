"""Runs a function in a new process, as Lambda does, and measures its CPU time and memory."""

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

# Imports app.py and calls one handler: with each of `firsts`, then with each batch, repeated.
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
# Not ru_maxrss, which a new process inherits from its parent.
peak = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]
modules = sorted(name for name in sys.modules if "." not in name or name.startswith("chalicelib"))
print("result:" + json.dumps([int(peak) / 1024, before, took, each, modules]))
"""


@dataclass(frozen=True)
class Run:
    """Measurements of one process: `peak` memory in MB, the others in CPU seconds.

    `runtime` is spent until the Lambda runtime is ready, `init` on the import of app.py, `first` on
    each of the first calls, `each` on an average call of each batch. `modules` are the imported
    modules.
    """

    peak: float
    runtime: float
    init: float
    first: tuple[float, ...]
    each: tuple[float, ...]
    modules: tuple[str, ...]

    @property
    def cold(self) -> float:
        """CPU seconds of a cold start, without the runtime: app.py's import and the first call."""
        return self.init + self.first[0]


def run(
    task: Path,
    runtime_folder: Path,
    firsts: Sequence[Event],
    batches: Sequence[Sequence[Event]] = (),
    *,
    times: int = 1,
    handler: str = "app",
    environment: Mapping[str, str] | None = None,
    prelude: str = "",
) -> Run:
    """Run a package's `handler` in a new process; raises ClickException if the function failed.

    `task` is the package's folder, `runtime_folder` the one of the runtime's packages. Each of
    `batches` is repeated `times` times. The Python code in `prelude` runs first.
    """
    job = json.dumps([[str(task), str(runtime_folder)], handler, firsts, batches, times])
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", prelude + _DRIVER],
        input=job,
        cwd=task,
        env={**os.environ, "AWS_LAMBDA_FUNCTION_NAME": "bench", **(environment or {})},
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise click.ClickException(f"{task.name}: {done.stderr[-500:]}")
    peak, runtime, (init, *first), each, modules = json.loads(done.stdout.rpartition("result:")[2])
    return Run(peak, runtime, init, tuple(first), tuple(each), tuple(modules))
