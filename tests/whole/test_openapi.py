"""docs/openapi.yaml and the service agree: codes, limits, examples and answers."""

import json
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from typing import Any

import openapi_spec_validator
import pytest
import schemathesis
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from requests import PreparedRequest
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

import app as application
from chalicelib import bootstrap
from chalicelib.event.agenda import AgendaRow, at
from chalicelib.media_types import JSON
from chalicelib.registration import form as forms
from chalicelib.registration.diet import ALLERGENS, ASKED_FOR_TRACES, DIETS
from chalicelib.registration.tokens import _CODE_LENGTH, _CODE_LETTERS
from chalicelib.web.submission import _NONCE_AT_LEAST, BODY_AT_MOST
from management.local.clock import SetClock
from management.local.gateway import Gateway
from tests import examples
from tests.examples import NOW
from tests.fakes import InMemoryComposition, RecordingMailer, TableInMemory
from tests.whole.wsgi import Wsgi
from tests.wire import refusing

FILE = Path(__file__).parents[2] / "docs/openapi.yaml"
DESCRIPTION = yaml.safe_load(FILE.read_text("utf-8"))
SCHEMAS = DESCRIPTION["components"]["schemas"]
# The example event, with the meals of the description.
EVENT = replace(
    examples.EVENT,
    agenda=tuple(
        AgendaRow(
            title=meal,
            date=examples.EVENT.date,
            starts_at=at(examples.EVENT.date, time(9, number), examples.EVENT.timezone),
            meal_id=meal,
        )
        for number, meal in enumerate(SCHEMAS["Meal"]["enum"])
    ),
)
POST = DESCRIPTION["paths"]["/registration"]["post"]
_BODY = POST["requestBody"]["content"][JSON]
EXAMPLES = [example["value"] for example in _BODY["examples"].values()]
_SERVED: list[Gateway] = []
_SERVICE_DESCRIPTION = yaml.safe_load(FILE.read_text("utf-8"))
_SERVICE_DESCRIPTION["servers"][0]["variables"]["event"]["default"] = EVENT.id
SERVICE = schemathesis.openapi.from_dict(_SERVICE_DESCRIPTION)
SERVICE.app = Wsgi(lambda: _SERVED[-1])
REGISTER = SERVICE["/registration"]["POST"]
REGISTRATION = Draft202012Validator(
    {"$ref": "#/components/schemas/Registration", "components": DESCRIPTION["components"]}
)
ANSWER_CHECKS = [
    content_type_conformance, response_headers_conformance, response_schema_conformance,
    status_code_conformance,
]  # fmt: skip
CASES = st.one_of(*(REGISTER.as_strategy(generation_mode=mode) for mode in GenerationMode))


@contextmanager
def served(table: TableInMemory, now: datetime) -> Iterator[TableInMemory]:
    before, clock = bootstrap.composition(), SetClock(now)
    bootstrap.install(InMemoryComposition(EVENT, clock, table, RecordingMailer()))
    _SERVED.append(Gateway(application.app, clock))
    yield table
    _SERVED.pop()
    bootstrap.install(before)


@pytest.fixture(scope="module", autouse=True)
def _served() -> Iterator[None]:
    with served(TableInMemory(EVENT), NOW):
        yield


def test_the_description_is_valid_openapi() -> None:
    openapi_spec_validator.validate(DESCRIPTION)


def test_the_description_has_the_codes_and_limits_of_the_service() -> None:
    assert SCHEMAS["Diet"]["enum"] == ["", *DIETS]
    assert SCHEMAS["Allergen"]["enum"] == [*ALLERGENS]
    traced = [code for code in ALLERGENS if code in ASKED_FOR_TRACES]
    assert SCHEMAS["TracedAllergen"]["enum"] == traced
    assert SCHEMAS["Severe"]["enum"] == [forms.YES, ""]
    checks = forms._checks({}, forms.as_typed({}, EVENT), EVENT)
    checked = list(dict.fromkeys(field for field, _, _ in checks))
    assert SCHEMAS["FieldWithErrors"]["enum"] == checked
    fields = SCHEMAS["Registration"]["properties"]
    limits = {name: limit_of(field) for name, field in fields.items() if limit_of(field)}
    assert limits == forms._LIMITS
    assert fields.keys() == {*checked, "traces", "nonce"}
    code = POST["responses"]["201"]["content"][JSON]["schema"]["properties"]["plate_code"]
    assert code["pattern"] == f"^[{_CODE_LETTERS}]{{{_CODE_LENGTH},}}$"
    key = POST["parameters"][0]["schema"]["anyOf"][0]
    assert key["minLength"] == _NONCE_AT_LEAST
    assert f"{BODY_AT_MOST // 1024} KB" in DESCRIPTION["info"]["description"]


def limit_of(field: dict[str, Any]) -> int:
    """The longest allowed text of a field, single or in a list; 0 without a limit."""
    found = SCHEMAS.get(field.get("$ref", "").rpartition("/")[2], {})
    limit, in_list = (int(schema.get("maxLength", 0)) for schema in (found, found.get("items", {})))
    assert limit == in_list
    return limit


def test_every_example_of_the_description_can_be_registered() -> None:
    for number, example in enumerate(EXAMPLES):
        key = {"Idempotency-Key": f"the-key-of-example-{number}"}
        answer = send_checked(example, **key)
        assert answer.status_code == 201
        again = send_checked(example, **key)
        assert again.json() == answer.json(), "the same key gives the same receipt"
        assert send_checked({**example, "name": "Bo"}, **key).status_code == 422


ANSWERS: list[tuple[int, dict[str, Any], dict[str, str]]] = [
    (201, EXAMPLES[0], {}),
    (400, {"name": None}, {}),
    (400, EXAMPLES[0], {"Idempotency-Key": "short"}),
    (409, EXAMPLES[0], {}),
    (413, {"note": "n" * BODY_AT_MOST}, {}),
    (415, EXAMPLES[0], {"Content-Type": "application/json; charset=latin-1"}),
    (415, EXAMPLES[0], {"Content-Type": "text/plain"}),
    (422, {}, {}),
    (503, EXAMPLES[0], {}),
]


def test_the_description_and_the_tested_answers_have_the_same_statuses() -> None:
    assert {int(status) for status in POST["responses"]} == {status for status, *_ in ANSWERS}


@pytest.mark.parametrize(("status", "document", "headers"), ANSWERS)
def test_every_answer_conforms_to_the_description(
    status: int, document: dict[str, Any], headers: dict[str, str]
) -> None:
    table = TableInMemory(EVENT)
    if status == 503:
        table.database.on("", "", refusing("ThrottlingException"), times=1000)
    with served(table, EVENT.closes_at if status == 409 else NOW):
        assert send_checked(document, **headers).status_code == status
        stored = [item["sk"]["S"] for item in table.database.all_items()]
        assert sum(key.startswith("REG#") for key in stored) == (status == 201)


def send_checked(document: dict[str, Any], **headers: str) -> Response:
    """Send `document`, check the answer against the description, and return the answer."""
    headers = {"Idempotency-Key": "8e03978e-40d5-43e8-bc93-6894a57f9324", **headers}
    case = REGISTER.Case(body=document, headers=headers, media_type=JSON)
    answer = case.call()
    case.validate_response(answer, checks=ANSWER_CHECKS)
    return answer


@settings(max_examples=settings().max_examples // 2)
@given(CASES)
def test_generated_requests_get_the_answers_of_the_description(case: Case[Any]) -> None:
    answer = case.call()
    case.validate_response(answer, checks=[not_a_server_error, *ANSWER_CHECKS])
    if not is_described(answer.request):
        assert answer.status_code in (400, 422)


def is_described(request: PreparedRequest) -> bool:
    """Whether the request fits the schemas. The service may still refuse it for other rules."""
    if 0 < len(request.headers.get("Idempotency-Key", "")) < _NONCE_AT_LEAST:
        return False
    try:
        return bool(REGISTRATION.is_valid(normalised(json.loads(request.body or b""))))
    except ValueError:
        return False


def normalised(document: Any) -> Any:
    """The document after the normalisation of texts that the description promises."""
    if isinstance(document, str):
        return " ".join(unicodedata.normalize("NFC", document).split())
    if isinstance(document, list):
        return [normalised(item) for item in document]
    if isinstance(document, dict):
        return {name: normalised(value) for name, value in document.items()}
    return document
