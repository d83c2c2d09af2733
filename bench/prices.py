"""AWS's prices in USD without tax, and the source of each.

AWS's price pages load their numbers by script, so the prices are from copies: the price lists of
eu-north-1 as public repositories quote them, or else those of us-east-1. They were read on
LOOKED_UP. The lists themselves are at
https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/<service code>/current/eu-north-1/index.json
"""

from dataclasses import dataclass

LOOKED_UP = "2026-11-22"
REGION = "eu-north-1"
MILLION = 1_000_000


@dataclass(frozen=True)
class Price:
    """USD for `per` units; `region` is the region that `source` gives the price for."""

    what: str
    usd: float
    per: int
    unit: str
    region: str
    source: str

    @property
    def each(self) -> float:
        """USD for one unit."""
        return self.usd / self.per


_LAMBDA = (
    "us-east-1's price, as many pages quote aws.amazon.com/lambda/pricing; eu-north-1 is not among "
    "the regions with other prices (artillery 2.0.28, aws-lambda-power-tuning 4.3.4)"
)
_DYNAMODB = (
    "price list AmazonDynamoDB of 2026-09-11, as public repositories quote it; after the price cut "
    "of November 2024"
)
_CLOUDWATCH = "price list AmazonCloudWatch read 2026-10-10, as a public repository quotes it"
_US = "us-east-1"

LAMBDA_REQUEST = Price("Lambda requests", 0.20, MILLION, "requests", _US, _LAMBDA)
LAMBDA_SECOND = {
    "x86_64": Price("Lambda time, x86_64", 0.0000166667, 1, "GB-second", _US, _LAMBDA),
    "arm64": Price("Lambda time, arm64", 0.0000133334, 1, "GB-second", _US, _LAMBDA),
}
GATEWAY_REQUEST = Price(
    "API Gateway, REST",
    3.50,
    MILLION,
    "requests",
    REGION,
    "comments in a public script for eu-north-1; the same as the first tier in us-east-1",
)
DYNAMODB_WRITE = Price("DynamoDB writes", 0.67, MILLION, "write request units", REGION, _DYNAMODB)
DYNAMODB_READ = Price("DynamoDB reads", 0.1345, MILLION, "read request units", REGION, _DYNAMODB)
DYNAMODB_STORAGE = Price("DynamoDB storage", 0.269, 1, "GB-month", REGION, _DYNAMODB)
DYNAMODB_RECOVERY = Price("point-in-time recovery", 0.21, 1, "GB-month", REGION, _DYNAMODB)
SES_MAIL = Price(
    "SES, plan Essentials",
    0.16,
    1000,
    "mails",
    _US,
    "price list AmazonSES of 2026-07-22, as github.com/api-evangelist/amazon-ses quotes it: the "
    "plan for accounts new to SES; without a plan 0.10, and 0.12 for a GB of attachments",
)
LOGS = Price("CloudWatch logs taken in", 0.54, 1, "GB", REGION, _CLOUDWATCH)
LOGS_KEPT = Price("CloudWatch logs kept", 0.028, 1, "GB-month", REGION, _CLOUDWATCH)
ALARM = Price("CloudWatch alarms", 0.10, 1, "alarm-month", REGION, _CLOUDWATCH)
METRIC = Price("CloudWatch custom metrics", 0.30, 1, "metric-month", REGION, _CLOUDWATCH)
SNS_REQUEST = Price(
    "SNS",
    0.50,
    MILLION,
    "requests",
    _US,
    "pages of 2026 on aws.amazon.com/sns/pricing; not checked: that delivery to Lambda is free",
)
SQS_REQUEST = Price(
    "SQS, standard", 0.40, MILLION, "requests", _US, "pages of 2026 on aws.amazon.com/sqs/pricing"
)
SCHEDULED = Price(
    "EventBridge rules on a schedule",
    0.0,
    MILLION,
    "runs",
    _US,
    "not checked; aws.amazon.com/eventbridge/pricing charges for custom events and for "
    "EventBridge Scheduler, and a rule on a schedule is neither",
)
DATA_OUT = Price(
    "data out to the internet",
    0.09,
    1,
    "GB",
    REGION,
    "a public repository's copy of AWS's data transfer prices",
)

ALL = (
    LAMBDA_REQUEST,
    *LAMBDA_SECOND.values(),
    GATEWAY_REQUEST,
    DYNAMODB_WRITE,
    DYNAMODB_READ,
    DYNAMODB_STORAGE,
    DYNAMODB_RECOVERY,
    SES_MAIL,
    LOGS,
    LOGS_KEPT,
    ALARM,
    METRIC,
    SNS_REQUEST,
    SQS_REQUEST,
    SCHEDULED,
    DATA_OUT,
)
