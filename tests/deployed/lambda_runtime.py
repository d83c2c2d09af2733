"""Lambda on this machine: a function in a process of its own, run by AWS's own runtime client.

The client fetches its events from, and posts its answers to, the Runtime API that AWS documents
(https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html); the server for it is here.
"""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, ClassVar, Self

REQUEST_ID = "00000000-0000-0000-0000-000000000000"
_PATIENCE = 300  # seconds; not an assertion of speed, only an end to waiting
# However slow the machine is, no request runs out of time, nor does one for an answer.
UNHURRIED = """
import socket, time
time.monotonic = float
socket.socket.settimeout = lambda *_: None
"""
_RUNTIME = "import runpy; runpy.run_module('awslambdaric', run_name='__main__', alter_sys=True)"


class FunctionFailed(Exception):
    """The function raised, could not be loaded, or ended; the text is what it said."""


class Function:
    """A handler in a process that can import the task, the runtime and Python's library only.

    As on Lambda it is loaded once, and takes one event after the other. Used with `with`, after
    which `said` is all that it has printed.
    """

    said = ""

    def __init__(
        self, handler: str, task: Path, runtime: Path, environment: Mapping[str, str]
    ) -> None:
        self._api = _RuntimeApi()
        self._process = subprocess.Popen(
            # -S: no installed packages; -c: imports look into the working directory first.
            [sys.executable, "-S", "-B", "-c", UNHURRIED + _RUNTIME, handler],
            cwd=task,
            env={
                **environment,
                "AWS_EXECUTION_ENV": f"AWS_Lambda_python3.{sys.version_info.minor}",
                "AWS_LAMBDA_FUNCTION_NAME": handler.replace(".", "-"),
                "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                "AWS_LAMBDA_RUNTIME_API": self._api.address,
                "LAMBDA_TASK_ROOT": str(task),
                "PYTHONPATH": str(runtime),
                "PYTHONTZPATH": "",  # the only time zones are the bundle's
                "TZ": ":UTC",
                "_HANDLER": handler,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._watch = Thread(target=self._wait_for_the_end)
        self._watch.start()

    def invoke(self, event: Mapping[str, Any]) -> Any:
        """What the handler returns for the event; raises FunctionFailed."""
        self._api.events.put(json.dumps(event).encode())
        try:
            outcome, told = self._api.outcomes.get(timeout=_PATIENCE)
        except Empty:
            self._process.kill()
            outcome, told = self._api.outcomes.get()
        if outcome == "response":
            return told
        lines = [f"{told['errorType']}: {told['errorMessage']}", *told["stackTrace"]]
        raise FunctionFailed("\n".join(lines))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._watch.join()
        self._api.stop()

    def _wait_for_the_end(self) -> None:
        # Bytes: within a line the runtime writes carriage returns.
        self.said = self._process.communicate()[0].decode("utf-8")
        sys.stdout.write(self.said)  # pytest shows it if the test fails
        ended = {"errorType": "the process ended", "errorMessage": self.said, "stackTrace": []}
        self._api.outcomes.put(("error", ended))


class _RuntimeApi:
    """Hands the client one event after the other, and keeps what it posts of them."""

    def __init__(self) -> None:
        self.events: SimpleQueue[bytes | None] = SimpleQueue()
        self.outcomes: SimpleQueue[tuple[str, Any]] = SimpleQueue()
        handler = type("Handler", (_Handler,), {"api": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        self.events.put(None)  # for the request that still waits for an event
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    api: ClassVar[_RuntimeApi]

    def do_GET(self) -> None:
        """`/runtime/invocation/next`: answered when there is an event."""
        assert self.path == "/2018-06-01/runtime/invocation/next"
        event = self.api.events.get()
        if event is not None:
            self._send(200, event)

    def do_POST(self) -> None:
        """`/runtime/invocation/<id>/response` or `…/error`, or `/runtime/init/error`."""
        body = self.rfile.read(int(self.headers["content-length"]))
        self._send(202, b'{"status":"OK"}')
        self.api.outcomes.put((self.path.rpartition("/")[2], json.loads(body)))

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Lambda-Runtime-Aws-Request-Id", REQUEST_ID)
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int((time.time() + _PATIENCE) * 1000)))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:local")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Says nothing; pytest would show it with every failure."""
