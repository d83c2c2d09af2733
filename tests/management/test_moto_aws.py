"""AWS on this machine: moto, made fast enough for many, keeps its transactions whole."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from management.local.moto_aws import TABLE
from tests.wire import Moto

HELD = {"pk": {"S": "event"}, "sk": {"S": "held"}}
GONE = {"pk": {"S": "event"}, "sk": {"S": "to go"}}
NEW = {"pk": {"S": "event"}, "sk": {"S": "new"}}
UPDATE = {
    "TableName": TABLE,
    "Key": HELD,
    "UpdateExpression": "SET n = :n",
    "ExpressionAttributeValues": {":n": {"N": "2"}},
}
WRITES: list[Any] = [
    {"Update": UPDATE},
    {"Delete": {"TableName": TABLE, "Key": GONE}},
    {"Put": {"TableName": TABLE, "Item": {**NEW, "n": {"N": "1"}}}},
]
REFUSED: Any = {
    "ConditionCheck": {
        "TableName": TABLE,
        "Key": {**HELD, "sk": {"S": "nowhere"}},
        "ConditionExpression": "attribute_exists(sk)",
    }
}


def test_a_transaction_that_is_refused_leaves_everything_as_it_was(aws: None) -> None:
    client = boto3.client("dynamodb")
    for item in ({**HELD, "n": {"N": "1"}}, GONE, {**HELD, "sk": {"S": "other"}}):
        client.put_item(TableName=TABLE, Item=item)
    before = Moto().all_items()
    for writes in ([*WRITES, REFUSED], [REFUSED, *WRITES], [*WRITES, {"Update": UPDATE}]):
        with pytest.raises(ClientError):
            client.transact_write_items(TransactItems=writes)
        assert Moto().all_items() == before
    client.transact_write_items(TransactItems=WRITES)
    after = {item["sk"]["S"]: item.get("n", {}).get("N") for item in Moto().all_items()}
    assert after == {"held": "2", "new": "1", "other": None}


def test_a_copy_of_a_table_is_still_a_whole_copy(aws: None) -> None:
    client = boto3.client("dynamodb")
    client.put_item(TableName=TABLE, Item={**HELD, "n": {"N": "1"}})
    made = client.create_backup(TableName=TABLE, BackupName="backup")
    backup = made["BackupDetails"]["BackupArn"]
    client.update_item(**UPDATE)
    client.restore_table_from_backup(TargetTableName="again", BackupArn=backup)
    (item,) = client.scan(TableName="again")["Items"]
    assert item["n"] == {"N": "1"}
