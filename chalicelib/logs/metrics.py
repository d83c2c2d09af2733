"""Metrics, which CloudWatch reads from lines of the log."""

import json
from collections.abc import Mapping
from datetime import datetime

NAMESPACE = "Dukat"


def metric_line(now: datetime, service: str, counts: Mapping[str, int], event_id: str = "") -> str:
    """The log line from which CloudWatch reads each count, with `service` as the dimension.

    The event is a fact of the line and no dimension: alarms are about the service.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [["Service"]],
        "Metrics": [{"Name": name, "Unit": "Count"} for name in counts],
    }
    event = {"event": event_id} if event_id else {}
    about = {"Timestamp": round(now.timestamp() * 1000), "CloudWatchMetrics": [directive]}
    return json.dumps({"_aws": about, "Service": service, **event, **counts})
