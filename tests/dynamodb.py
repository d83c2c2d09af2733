"""A strict stand-in for DynamoDB, which supports only the requests that the service sends.

Any other expression, parameter or read fails the test. The contract suite
(tests/contract/test_stores.py) runs on this stand-in and on moto.
"""

import json
import re
from collections.abc import Callable, Iterator

from tests.wire import Item, Refusal, Wire

_TABLE = "dukat-dev"
_KEY_BYTES, _ITEM_BYTES, _PAGE_BYTES = 1024, 400_000, 1_000_000
_ITEMS_PER_REQUEST = 100
_NAMES_IN_CONDITIONS = frozenset(
    {
        "pk",
        "sk",
        "revision",
        "links",
        "passed_on",
        "attempt",
        "mails",
        "used_for",
        "receipts",
        "harmed",
        "settled",
    }
)
_SET = re.compile(r"(#\d+) = (?:if_not_exists\((#\d+), (:\d+)\)|(:\d+))")
_ADD = re.compile(r"(#\d+) (:\d+)")
_TERM = re.compile(r"(attribute_exists|attribute_not_exists)\((\w+)\)|(\w+) (=|<) (:\w+)")
_SET_TERM = re.compile(r"size\((\w+)\) < (:\w+)|contains\((\w+), (:\w+)\)")
_WRITE = {"TableName", "ConditionExpression", "ExpressionAttributeValues"}
_PROJECTION = {"ProjectionExpression", "ExpressionAttributeNames"}
_ALLOWED = {
    "GetItem": {"TableName", "Key", "ConsistentRead", *_PROJECTION},
    "BatchGetItem": {"RequestItems"},
    "Query": {
        *("TableName", "KeyConditionExpression", "ExpressionAttributeValues", "ConsistentRead"),
        *("ScanIndexForward", "Limit", "ExclusiveStartKey", *_PROJECTION),
    },
    "Put": {*_WRITE, "Item"},
    "Delete": {*_WRITE, "Key"},
    "Update": {*_WRITE, "Key", "UpdateExpression", "ExpressionAttributeNames"},
    "TransactWriteItems": {"TransactItems", "ClientRequestToken"},
}


class Unsupported(AssertionError):
    """The stand-in does not support this request: correct the request, or extend the stand-in."""


class DynamoDB(Wire):
    """One table in memory, called as a `chalicelib.dynamo.client.Send`. A page of a query has at
    most `page_items` items.
    """

    def __init__(self, page_items: int = 10_000) -> None:
        super().__init__()
        self._items: dict[tuple[str, str], Item] = {}
        self.page_items = page_items
        self._sizes: dict[tuple[str, str], int] = {}
        self._tokens: dict[str, Item] = {}

    def all_items(self) -> list[Item]:
        """All items, sorted by key."""
        return [self._items[key] for key in sorted(self._items)]

    def put(self, item: Item) -> None:
        """Store the item without any checks."""
        key = _key(item)
        self._items[key], self._sizes[key] = item, _bytes(item)

    def delete(self, sk: str) -> None:
        """Delete the items with this sort key."""
        for key in [key for key in self._items if key[1] == sk]:
            del self._items[key]

    def answer(self, operation: str, request: Item) -> Item:
        """DynamoDB's answer to the request; raises Refusal if DynamoDB refuses the request."""
        match operation:
            case "GetItem":
                return self._get(request)
            case "Query":
                return self._query(request)
            case "BatchGetItem":
                return self._batch_get(request)
            case "TransactWriteItems":
                return self._transact(request)
            case "PutItem" | "UpdateItem" | "DeleteItem":
                return self._write_one(operation.removesuffix("Item"), request)
        raise Unsupported(operation)

    def _get(self, request: Item) -> Item:
        _check(request, "GetItem", consistent=True)
        found = self._items.get(_key(request["Key"]))
        return {"Item": _projection(request)(found)} if found else {}

    def _batch_get(self, request: Item) -> Item:
        _check(request, "BatchGetItem")
        ((table, asked),) = request["RequestItems"].items()
        _check({"TableName": table, **asked}, consistent=True)
        keys = list(map(_key, asked["Keys"]))
        if len(keys) > _ITEMS_PER_REQUEST or len(set(keys)) < len(keys) or not keys:
            raise Refusal("ValidationException")
        return {"Responses": {table: [self._items[key] for key in keys if key in self._items]}}

    def _query(self, request: Item) -> Item:
        _check(request, "Query", consistent=True)
        if request["KeyConditionExpression"] != "pk = :pk AND sk BETWEEN :first AND :last":
            raise Unsupported(request["KeyConditionExpression"])
        pk, first, last = (
            request["ExpressionAttributeValues"][name]["S"] for name in (":pk", ":first", ":last")
        )
        if first.encode() > last.encode() or _too_long(first, last):
            raise Refusal("ValidationException")
        keys = sorted(key for key in self._items if key[0] == pk and first <= key[1] <= last)
        if "ExclusiveStartKey" in request:  # that item may have been deleted
            keys = [key for key in keys if key > _key(request["ExclusiveStartKey"])]
        if not request.get("ScanIndexForward", True):
            keys.reverse()
        page = self._page(keys, request.get("Limit", self.page_items))
        found = (self._items[key] for key in page)
        answer: Item = {"Items": list(map(_projection(request), found))}
        if len(page) < len(keys):
            pk, sk = page[-1]
            answer["LastEvaluatedKey"] = {"pk": {"S": pk}, "sk": {"S": sk}}
        return answer

    def _page(self, keys: list[tuple[str, str]], limit: int) -> list[tuple[str, str]]:
        read = 0
        for number, key in enumerate(keys[:limit]):
            read += self._sizes[key]
            if read > _PAGE_BYTES:
                return keys[: number + 1]
        return keys[:limit]

    def _write_one(self, kind: str, request: Item) -> Item:
        write = {**request}
        returns = write.pop("ReturnValues", "NONE")
        if returns != ("ALL_NEW" if kind == "Update" else "NONE"):
            raise Unsupported(returns)
        if not self._condition_holds(kind, write):
            raise Refusal("ConditionalCheckFailedException")
        new = self._new_item(kind, write)
        self._write(kind, write, new)
        return {"Attributes": new} if kind == "Update" else {}

    def _transact(self, request: Item) -> Item:
        _check(request, "TransactWriteItems")
        if self._tokens.setdefault(request["ClientRequestToken"], request) != request:
            raise Refusal("IdempotentParameterMismatchException")
        writes = [next(iter(write.items())) for write in request["TransactItems"]]
        keys = {_key(one.get("Item") or one["Key"]) for _, one in writes}
        if not writes or len(writes) > _ITEMS_PER_REQUEST or len(keys) < len(writes):
            raise Refusal("ValidationException")
        codes = [
            "None" if self._condition_holds(kind, one) else "ConditionalCheckFailed"
            for kind, one in writes
        ]
        if set(codes) != {"None"}:
            reasons = [{"Code": code} for code in codes]
            raise Refusal("TransactionCanceledException", CancellationReasons=reasons)
        for kind, one, new in [(kind, one, self._new_item(kind, one)) for kind, one in writes]:
            self._write(kind, one, new)
        return {}

    def _condition_holds(self, kind: str, request: Item) -> bool:
        _check(request, kind)
        _check_placeholders(request)
        found = self._items.get(_key(request.get("Item") or request["Key"]), {})
        return _holds(request.get("ConditionExpression", ""), request, found)

    def _new_item(self, kind: str, request: Item) -> Item:
        """The item after a put or an update; {} for other writes."""
        new: Item = request.get("Item", {})
        if kind == "Update":
            key: Item = request["Key"]
            new = _updated(self._items.get(_key(key), key), request)
        if _bytes(new) > _ITEM_BYTES:
            raise Refusal("ValidationException")
        return new

    def _write(self, kind: str, request: Item, new: Item) -> None:
        if new:
            self.put(new)
        elif kind == "Delete":
            self._items.pop(_key(request["Key"]), None)


def _check(request: Item, kind: str = "", *, consistent: bool = False) -> None:
    if kind and request.keys() - _ALLOWED[kind]:
        raise Unsupported(f"{kind}: {request.keys() - _ALLOWED[kind]}")
    if request.get("TableName", _TABLE) != _TABLE:
        raise Refusal("ResourceNotFoundException")
    if consistent and request.get("ConsistentRead") is not True:
        raise Unsupported("a read that isn't strongly consistent")


def _check_placeholders(request: Item) -> None:
    """DynamoDB refuses placeholders that are defined but not used, or used but not defined."""
    written = " ".join(text for name, text in request.items() if name.endswith("Expression"))
    defined = {
        *request.get("ExpressionAttributeNames", {}),
        *request.get("ExpressionAttributeValues", {}),
    }
    if set(re.findall(r"[#:]\w+", written)) != defined:
        raise Refusal("ValidationException")


def _key(item: Item) -> tuple[str, str]:
    pk, sk = item["pk"]["S"], item["sk"]["S"]
    if not pk or not sk or _too_long(pk, sk):
        raise Refusal("ValidationException")
    return pk, sk


def _too_long(*keys: str) -> bool:
    return any(len(key.encode()) > _KEY_BYTES for key in keys)


def _bytes(item: Item) -> int:
    return len(json.dumps(item, ensure_ascii=False).encode())


def _projection(request: Item) -> Callable[[Item], Item]:
    if "ProjectionExpression" not in request:
        return lambda item: item
    _check_placeholders({name: request[name] for name in _PROJECTION})
    names = request["ExpressionAttributeNames"]
    wanted = [names[name] for name in request["ProjectionExpression"].split(", ")]
    return lambda item: {name: item[name] for name in wanted if name in item}


def _holds(condition: str, request: Item, item: Item) -> bool:
    """Evaluate terms joined by AND, or by OR; the service never mixes the two."""
    if not condition:
        return True
    joined = " OR " if " OR " in condition else " AND "
    terms = [_term(term, request, item) for term in condition.split(joined)]
    return any(terms) if joined == " OR " else all(terms)


def _term(term: str, request: Item, item: Item) -> bool:
    if found := _SET_TERM.fullmatch(term):
        name, placeholder = found[1] or found[3], found[2] or found[4]
        held, value = item.get(name, {}).get("SS", []), request["ExpressionAttributeValues"]
        if found[3]:
            return value[placeholder]["S"] in held
        return name in item and len(held) < int(value[placeholder]["N"])
    match = _TERM.fullmatch(term)
    if match is None or (match[2] or match[3]) not in _NAMES_IN_CONDITIONS:
        raise Unsupported(term)
    function, asked, name, sign, placeholder = match.groups()
    if function:
        return (asked in item) is (function == "attribute_exists")
    value = request["ExpressionAttributeValues"][placeholder]
    if sign == "=":
        return bool(item.get(name) == value)
    return name in item and int(item[name]["N"]) < int(value["N"])


def _updated(item: Item, request: Item) -> Item:
    names, values = request["ExpressionAttributeNames"], request["ExpressionAttributeValues"]
    updated = dict(item)
    for verb, clause in _clauses(request["UpdateExpression"]):
        if verb == "SET":
            for name, same, first, value in _SET.findall(clause):
                if not same or names[same] not in item:
                    updated[names[name]] = values[first or value]
        else:
            for name, value in _ADD.findall(clause):
                updated[names[name]] = _added(item.get(names[name]), values[value])
    return updated


def _added(before: Item | None, added: Item) -> Item:
    if "SS" in added:
        return {"SS": sorted({*(before or {"SS": []})["SS"], *added["SS"]})}
    return {"N": str(int((before or {"N": "0"})["N"]) + int(added["N"]))}


def _clauses(expression: str) -> Iterator[tuple[str, str]]:
    found = re.findall(r"(SET|ADD) (.+?)(?= ADD |$)", expression)
    for verb, clause in found:
        pattern = _SET if verb == "SET" else _ADD
        if pattern.sub("", clause).strip(", "):
            raise Unsupported(expression)
    if " ".join(f"{verb} {clause}" for verb, clause in found) != expression:
        raise Unsupported(expression)
    yield from found
