"""Answers of AWS that moto does not give."""

import json
from base64 import b64encode
from datetime import datetime
from io import BytesIO
from typing import Any

from management.stage.aws import Aws
from management.stage.stages import Stage


def answer(cloud: Aws, service: str, operation: str, parsed: dict[str, Any], status: int) -> None:
    """Make AWS answer `operation` with `parsed` and an HTTP status, without calling moto."""
    http = type("Answer", (), {"status_code": status})()
    full = {**parsed, "ResponseMetadata": {"HTTPStatusCode": status}}
    cloud.client(service).meta.events.register(
        f"before-call.{service}.{operation}", lambda **_: (http, full)
    )


def run_the_app(cloud: Aws) -> None:
    """Make Lambda invoke the app in this process as the web function."""
    from app import app

    def run(params: dict[str, Any], **_: object) -> tuple[object, dict[str, Any]]:
        assert params["url_path"].endswith("/functions/dukat-prod/invocations")
        with_error_pages = app(json.loads(params["body"]), None)
        http = type("Answer", (), {"status_code": 200})()
        return http, {"StatusCode": 200, "Payload": BytesIO(json.dumps(with_error_pages).encode())}

    cloud.client("lambda").meta.events.register("before-call.lambda.Invoke", run)


def locate(cloud: Aws, package: bytes) -> None:
    """Make Lambda give an address of `package`, as AWS does with a presigned URL."""

    def located(parsed: dict[str, Any], **_: object) -> None:
        parsed["Code"]["Location"] = f"data:;base64,{b64encode(package).decode()}"

    cloud.client("lambda").meta.events.register("after-call.lambda.GetFunction", located)


def log(cloud: Aws, *lines: tuple[datetime, str]) -> None:
    logs, names = cloud.client("logs"), {"logGroupName": "/aws/lambda/dukat-prod-tick"}
    if not logs.describe_log_groups(logGroupNamePrefix=names["logGroupName"])["logGroups"]:
        logs.create_log_group(**names)
    stream = f"{lines[0][0]:%H%M}"
    logs.create_log_stream(**names, logStreamName=stream)
    events = [{"timestamp": round(at.timestamp() * 1000), "message": text} for at, text in lines]
    logs.put_log_events(**names, logStreamName=stream, logEvents=events)


def destination(name: str, *, enabled: bool = True, **where: Any) -> dict[str, Any]:
    return {"Name": name, "Enabled": enabled, "MatchingEventTypes": ["BOUNCE"], **where}


def let_ses_send(stage: Stage, cloud: Aws, *, is_new: bool = True) -> None:
    """Make SES answer as for a verified domain in production, which moto can't do."""
    client, service = cloud.client("sesv2"), stage.service
    if is_new:
        client.create_email_identity(EmailIdentity=stage.sender_domain)
    for name, reasons in ((service, []), (f"{service}-receipts", ["BOUNCE", "COMPLAINT"])):
        client.create_configuration_set(
            ConfigurationSetName=name,
            DeliveryOptions={"TlsPolicy": "REQUIRE"},
            SuppressionOptions={"SuppressedReasons": reasons},
        )

    def verified(parsed: dict[str, Any], **_: object) -> None:
        parsed["VerifiedForSendingStatus"] = True
        parsed["DkimAttributes"] = {"SigningEnabled": True, "Status": "SUCCESS"}

    client.meta.events.register("after-call.sesv2.GetEmailIdentity", verified)
    account = {"ProductionAccessEnabled": True, "SendingEnabled": True}
    answer(cloud, "sesv2", "GetAccount", account, 200)
    not_found = {"Error": {"Code": "NotFoundException", "Message": "No."}}
    answer(cloud, "sesv2", "GetSuppressedDestination", not_found, 404)
    topic = cloud.place.arn("sns", f"{service}-mail-events")
    destinations = [destination("mail-events", SnsDestination={"TopicArn": topic})]
    answer(
        cloud,
        "sesv2",
        "GetConfigurationSetEventDestinations",
        {"EventDestinations": destinations},
        200,
    )
