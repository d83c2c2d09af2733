"""Serves the Flask peer's package on this machine, with moto in the same process."""

import logging
import sys

from werkzeug.serving import make_server

sys.path.insert(0, sys.argv[1])

from management.local.moto_aws import local_aws

logging.getLogger("werkzeug").setLevel(logging.ERROR)
with local_aws():
    from app import application

    server = make_server("127.0.0.1", 0, application, threaded=True)
    sys.stdout.write(f"Serving http://127.0.0.1:{server.port}\n")
    sys.stdout.flush()
    server.serve_forever()
