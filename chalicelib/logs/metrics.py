"""Metrics, which CloudWatch reads from lines of the log."""

import json
from collections.abc import Mapping
from datetime import datetime

NAMESPACE = "Dukat"


def metric_line(now: datetime, service: str, counts: Mapping[str, int]) -> str:
    """The log line from which CloudWatch reads each count, with `service` as the dimension.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [["Service"]],
        "Metrics": [{"Name": name, "Unit": "Count"} for name in counts],
    }
    about = {"Timestamp": round(now.timestamp() * 1000), "CloudWatchMetrics": [directive]}
    return json.dumps({"_aws": about, "Service": service, **counts})
