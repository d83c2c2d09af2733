"""Lambda on this machine: each function runs in its own process, under AWS's runtime client.

The client reads events from, and posts answers to, the server of the Runtime API in this module
(https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html).
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
_TIMEOUT = 300  # seconds; ends tests that hang, asserts no speed
# Code that stops the clock and disables socket timeouts, against timeouts on slow machines.
NO_TIMEOUTS = """
import socket, time
time.monotonic = float
socket.socket.settimeout = lambda *_: None
"""
_RUNTIME = "import runpy; runpy.run_module('awslambdaric', run_name='__main__', alter_sys=True)"


class FunctionFailed(Exception):
    """The function raised, could not be loaded, or ended; the text is the error or the output."""


class Function:
    """A handler in a process that can import only `task`, `runtime` and the standard library.

    As on Lambda, the process loads the handler once, and handles one event at a time. After the
    `with` block, `output` is the text that the process printed.
    """

    output = ""

    def __init__(
        self, handler: str, task: Path, runtime: Path, environment: Mapping[str, str]
    ) -> None:
        self._api = _RuntimeApi()
        self._process = subprocess.Popen(
            # -S: no installed packages; -c: the working directory is first on the import path.
            [sys.executable, "-S", "-B", "-c", NO_TIMEOUTS + _RUNTIME, handler],
            cwd=task,
            env={
                **environment,
                "AWS_EXECUTION_ENV": f"AWS_Lambda_python3.{sys.version_info.minor}",
                "AWS_LAMBDA_FUNCTION_NAME": handler.replace(".", "-"),
                "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                "AWS_LAMBDA_RUNTIME_API": self._api.address,
                "LAMBDA_TASK_ROOT": str(task),
                "PYTHONPATH": str(runtime),
                "PYTHONTZPATH": "",  # only the bundle provides time zones
                "TZ": ":UTC",
                "_HANDLER": handler,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._watch = Thread(target=self._wait_for_the_end)
        self._watch.start()

    def invoke(self, event: Mapping[str, Any]) -> Any:
        """The handler's answer to the event; raises FunctionFailed."""
        self._api.events.put(json.dumps(event).encode())
        try:
            outcome, body = self._api.outcomes.get(timeout=_TIMEOUT)
        except Empty:
            self._process.kill()
            outcome, body = self._api.outcomes.get()
        if outcome == "response":
            return body
        lines = [f"{body['errorType']}: {body['errorMessage']}", *body["stackTrace"]]
        raise FunctionFailed("\n".join(lines))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._watch.join()
        self._api.stop()

    def _wait_for_the_end(self) -> None:
        # Decoded here, because text mode would split lines at the runtime's carriage returns.
        self.output = self._process.communicate()[0].decode("utf-8")
        sys.stdout.write(self.output)  # pytest shows the text if the test fails
        ended = {"errorType": "the process ended", "errorMessage": self.output, "stackTrace": []}
        self._api.outcomes.put(("error", ended))


class _RuntimeApi:
    """Sends the client one event at a time, and queues the answers and errors that arrive."""

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
        """Answer `/runtime/invocation/next` when there is an event."""
        assert self.path == "/2018-06-01/runtime/invocation/next"
        event = self.api.events.get()
        if event is not None:
            self._send(200, event)

    def do_POST(self) -> None:
        """Queue a response (`/runtime/invocation/<id>/response`) or an error (`…/error`)."""
        body = self.rfile.read(int(self.headers["content-length"]))
        self._send(202, b'{"status":"OK"}')
        self.api.outcomes.put((self.path.rpartition("/")[2], json.loads(body)))

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Lambda-Runtime-Aws-Request-Id", REQUEST_ID)
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int((time.time() + _TIMEOUT) * 1000)))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:local")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Log no requests: pytest would show the log with every failure."""
