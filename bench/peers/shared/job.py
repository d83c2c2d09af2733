"""The job of every peer: render the agenda page, and check and store a registration.

The job is a minimum: no languages, no deadline, no receipt mail, no plate code.
"""

import json
from hashlib import sha256
from pathlib import Path

HERE = Path(__file__).parent
EVENT = json.loads((HERE / "event.json").read_text(encoding="utf-8"))
STYLE = (HERE / "style.css").read_text(encoding="utf-8")
HTML = "text/html; charset=utf-8"


def errors_in(fields):
    """Return the names of invalid fields; `fields` has a list of values for each name."""
    found = []
    if not first(fields, "name"):
        found.append("name")
    meals, allergens = set(fields.get("meal", ())), set(fields.get("allergen", ()))
    traces = set(fields.get("traces", ()))
    if not meals or meals - set(EVENT["meals"]):
        found.append("meal")
    if first(fields, "diet") not in ["", *EVENT["diets"]]:
        found.append("diet")
    if (allergens | traces) - set(EVENT["allergens"]):
        found.append("allergen")
    if any(len(first(fields, name)) > 500 for name in ("name", "organisation", "email", "note")):
        found.append("note")
    return found


def to_item(fields):
    """Return the registration as a DynamoDB item; the same form always has the same key."""
    key = sha256(json.dumps(sorted(fields.items())).encode()).hexdigest()
    texts = {name: {"S": first(fields, name)} for name in ("name", "organisation", "email", "note")}
    lists = {
        name: {"L": [{"S": one} for one in fields.get(name, ())]}
        for name in ("meal", "allergen", "traces")
    }
    return {"pk": {"S": EVENT["id"]}, "sk": {"S": f"REG#{key}"}, **texts, **lists}


def first(fields, name):
    return next(iter(fields.get(name, ())), "").strip()
