"""The local AWS: moto's transactions are still atomic with our faster copy of its table."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from management.local.moto_aws import TABLE
from tests.wire import Moto

UPDATED = {"pk": {"S": "event"}, "sk": {"S": "updated"}}
DELETED = {"pk": {"S": "event"}, "sk": {"S": "deleted"}}
NEW = {"pk": {"S": "event"}, "sk": {"S": "new"}}
UPDATE = {
    "TableName": TABLE,
    "Key": UPDATED,
    "UpdateExpression": "SET n = :n",
    "ExpressionAttributeValues": {":n": {"N": "2"}},
}
WRITES: list[Any] = [
    {"Update": UPDATE},
    {"Delete": {"TableName": TABLE, "Key": DELETED}},
    {"Put": {"TableName": TABLE, "Item": {**NEW, "n": {"N": "1"}}}},
]
REFUSED: Any = {
    "ConditionCheck": {
        "TableName": TABLE,
        "Key": {**UPDATED, "sk": {"S": "nowhere"}},
        "ConditionExpression": "attribute_exists(sk)",
    }
}


def test_a_refused_transaction_changes_nothing(aws: None) -> None:
    client = boto3.client("dynamodb")
    for item in ({**UPDATED, "n": {"N": "1"}}, DELETED, {**UPDATED, "sk": {"S": "other"}}):
        client.put_item(TableName=TABLE, Item=item)
    before = Moto().all_items()
    for writes in ([*WRITES, REFUSED], [REFUSED, *WRITES], [*WRITES, {"Update": UPDATE}]):
        with pytest.raises(ClientError):
            client.transact_write_items(TransactItems=writes)
        assert Moto().all_items() == before
    client.transact_write_items(TransactItems=WRITES)
    after = {item["sk"]["S"]: item.get("n", {}).get("N") for item in Moto().all_items()}
    assert after == {"updated": "2", "new": "1", "other": None}


def test_a_restored_backup_has_the_items_of_its_time(aws: None) -> None:
    client = boto3.client("dynamodb")
    client.put_item(TableName=TABLE, Item={**UPDATED, "n": {"N": "1"}})
    made = client.create_backup(TableName=TABLE, BackupName="backup")
    backup = made["BackupDetails"]["BackupArn"]
    client.update_item(**UPDATE)
    client.restore_table_from_backup(TargetTableName="again", BackupArn=backup)
    (item,) = client.scan(TableName="again")["Items"]
    assert item["n"] == {"N": "1"}
