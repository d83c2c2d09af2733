"""Retries the failed events that Lambda put into the queue after its own retries."""

import json
from collections.abc import Callable

from management.stage.aws import Aws
from management.stage.stages import Stage

_AT_A_TIME = 10
# Longer than `retry` takes, so that it receives no event twice.
_HIDDEN_SECONDS = 900
# A short poll asks only some of the queue's servers, and may find nothing.
_WAIT_SECONDS = 1


def retry(stage: Stage, aws: Aws, say: Callable[[str], None]) -> bool:
    """Invoke the function of each failed event again, and delete the events that it now handles.

    Reports each event with `say`; returns whether all succeeded. Every function is idempotent.
    """
    queue, function = aws.client("sqs"), aws.client("lambda")
    url = queue.get_queue_url(QueueName=f"{stage.service}-failed-events")["QueueUrl"]
    failed = set()
    try:
        while found := queue.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=_AT_A_TIME,
            VisibilityTimeout=_HIDDEN_SECONDS,
            WaitTimeSeconds=_WAIT_SECONDS,
        ).get("Messages"):
            failed |= {message["ReceiptHandle"] for message in found}
            for message in found:
                event = json.loads(message["Body"])
                name = event["requestContext"]["functionArn"].split(":function:")[1].split(":")[0]
                answer = function.invoke(
                    FunctionName=name, Payload=json.dumps(event["requestPayload"]).encode()
                )
                if answer.get("FunctionError"):
                    say(f"{name}: failed again")
                    continue
                queue.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                failed.remove(message["ReceiptHandle"])
                say(f"{name}: done")
    finally:  # the next `retry` must receive the failed events, even after an exception
        for handle in failed:
            queue.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
    return not failed
