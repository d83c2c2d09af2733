"""The job that every peer does: a page of the agenda, and a registration that is checked and kept.

It is the least that the job asks: no languages, no deadline, no receipt mail, no plate code.
"""

import json
from hashlib import sha256
from pathlib import Path

HERE = Path(__file__).parent
EVENT = json.loads((HERE / "event.json").read_text(encoding="utf-8"))
STYLE = (HERE / "style.css").read_text(encoding="utf-8")
HTML = "text/html; charset=utf-8"


def errors_in(fields):
    """The fields that can't be registered; `fields` has a list of values for each name."""
    found = []
    if not first(fields, "name"):
        found.append("name")
    meals, allergens = set(fields.get("meal", ())), set(fields.get("allergen", ()))
    if not meals or meals - set(EVENT["meals"]):
        found.append("meal")
    if first(fields, "diet") not in ["", *EVENT["diets"]]:
        found.append("diet")
    if allergens - set(EVENT["allergens"]) or set(fields.get("traces", ())) - allergens:
        found.append("allergen")
    if any(len(first(fields, name)) > 500 for name in ("name", "organisation", "email", "note")):
        found.append("note")
    return found


def to_item(fields):
    """The registration as DynamoDB's put_item takes it; the same form sent twice is one item."""
    key = sha256(json.dumps(sorted(fields.items())).encode()).hexdigest()
    texts = {name: {"S": first(fields, name)} for name in ("name", "organisation", "email", "note")}
    lists = {
        name: {"L": [{"S": one} for one in fields.get(name, ())]}
        for name in ("meal", "allergen", "traces")
    }
    return {"pk": {"S": EVENT["id"]}, "sk": {"S": f"REG#{key}"}, **texts, **lists}


def first(fields, name):
    return next(iter(fields.get(name, ())), "").strip()
