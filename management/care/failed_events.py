"""Events that a function failed on until Lambda gave up; they wait in a queue."""

import json
from collections.abc import Callable

from management.stage.aws import Aws
from management.stage.stages import Stage

_AT_A_TIME = 10
# So that no event is taken twice in one run.
_UNSEEN_SECONDS = 900
# A poll that doesn't wait asks only some of the queue's servers, and may find nothing.
_WAIT_SECONDS = 1


def retry(stage: Stage, aws: Aws, say: Callable[[str], None]) -> bool:
    """Gives each waiting event to its function once more, and forgets those that went well.

    Says whether all did. Every function may be given the same event again.
    """
    queue, function = aws.client("sqs"), aws.client("lambda")
    url = queue.get_queue_url(QueueName=f"{stage.service}-failed-events")["QueueUrl"]
    kept = set()
    try:
        while found := queue.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=_AT_A_TIME,
            VisibilityTimeout=_UNSEEN_SECONDS,
            WaitTimeSeconds=_WAIT_SECONDS,
        ).get("Messages"):
            kept |= {message["ReceiptHandle"] for message in found}
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
                kept.remove(message["ReceiptHandle"])
                say(f"{name}: done")
    finally:  # whatever stopped it: the next run must find them
        for handle in kept:
            queue.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
    return not kept
