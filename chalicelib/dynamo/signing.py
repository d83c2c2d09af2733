"""AWS's Signature Version 4 for DynamoDB calls."""

from __future__ import annotations

import hmac
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple


class Credentials(NamedTuple):
    """AWS credentials; `token` is the session token of temporary ones."""

    access_key: str
    secret_key: str = ""
    token: str = ""


def signed_headers(
    operation: str,
    body: bytes,
    host: str,
    region: str,
    credentials: Credentials,
    now: datetime,
) -> dict[str, str]:
    """The signed headers of a call at the time `now` (UTC).

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
    """
    stamp = f"{now:%Y%m%dT%H%M%SZ}"
    day = stamp[:8]
    headers = {  # sorted by name, as the signature requires
        "content-type": "application/x-amz-json-1.0",
        "host": host,
        "x-amz-date": stamp,
        **({"x-amz-security-token": credentials.token} if credentials.token else {}),
        "x-amz-target": f"DynamoDB_20120810.{operation}",
    }
    names, scope = ";".join(headers), f"{day}/{region}/dynamodb/aws4_request"
    lines = [f"{name}:{value}" for name, value in headers.items()]
    canonical_request = "\n".join(["POST", "/", "", *lines, "", names, sha256(body).hexdigest()])
    digest = sha256(canonical_request.encode()).hexdigest()
    to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"
    key = _signing_key(credentials.secret_key, day, region)
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, "
        f"SignedHeaders={names}, Signature={signature}"
    )
    return headers


@lru_cache(maxsize=1)
def _signing_key(secret_key: str, day: str, region: str) -> bytes:
    key = f"AWS4{secret_key}".encode()
    for part in (day, region, "dynamodb", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
