"""The pages with which API Gateway answers by itself, without calling a function.

Such a page cannot know the visitor's language: it has all of the event's.
"""

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from chalicelib.event.events import Events
from chalicelib.event.theme import Theme
from chalicelib.media_types import HTML
from chalicelib.texts.language import ENGLISH, SWEDISH
from chalicelib.texts.rendering import environment
from chalicelib.web.headers import security_headers
from management.stage.aws import Aws

# The parameters of PutGatewayResponse for each type of response.
Responses = dict[str, dict[str, dict[str, str]]]


class Words(NamedTuple):
    """A page's title and its words in one language."""

    title: str
    words: str


class GatewayPage(NamedTuple):
    """The words of a page, and after how many seconds to try again (0: trying again won't help)."""

    sv: Words
    en: Words
    retry_after: int = 0


# By API Gateway's response type. The types that are not here get one of the two defaults.
PAGES = {
    "THROTTLED": GatewayPage(
        Words(
            "Många använder sidan just nu",
            "Vänta några sekunder och försök igen. Har du skickat en anmälan är den "
            "inte sparad: gå tillbaka till formuläret och skicka det igen.",
        ),
        Words(
            "Many people are using the page right now",
            "Wait a few seconds and try again. If you have sent a registration, it is "
            "not saved: go back to the form and send it again.",
        ),
        retry_after=5,
    ),
    "REQUEST_TOO_LARGE": GatewayPage(
        Words(
            "Anmälan är för stor",
            "Gå tillbaka till formuläret, korta anteckningen och skicka igen. Anmälan "
            "är inte sparad.",
        ),
        Words(
            "The registration is too large",
            "Go back to the form, shorten the note and send it again. The registration "
            "is not saved.",
        ),
    ),
    "DEFAULT_4XX": GatewayPage(
        Words(
            "Så kan sidan inte användas",
            "Gå till programmet eller formuläret och försök därifrån. Har du skickat en "
            "anmälan är den inte sparad.",
        ),
        Words(
            "The page can't be used like that",
            "Go to the programme or the form and try from there. If you have sent a "
            "registration, it is not saved.",
        ),
    ),
    "DEFAULT_5XX": GatewayPage(
        Words(
            "Något gick fel hos oss",
            "Försök igen om en halv minut. Har du skickat en anmälan är den kanske inte "
            "sparad: gå tillbaka till formuläret och skicka det igen. Samma formulär "
            "räknas bara en gång. Går det ändå inte, hör av dig till någon av kontaktpersonerna.",
        ),
        Words(
            "Something went wrong on our side",
            "Try again in half a minute. If you have sent a registration, it may not be "
            "saved: go back to the form and send it again. The same form counts only "
            "once. If that does not work either, get in touch with one of the contact persons.",
        ),
        retry_after=30,
    ),
}
# The words that every page has: those of the link, and the heading of the contact persons.
_ON_EVERY_PAGE = {
    SWEDISH: ("Till programmet", "Kontaktpersoner"),
    ENGLISH: ("To the programme", "Contact persons"),
}
_DESCRIPTION = "Gateway responses "
_TEMPLATE = Path(__file__).with_name("gateway_page.html")


def gateway_responses(events: Events, pages_url: str) -> Responses:
    """API Gateway's own responses; `pages_url` is the base URL of the pages."""
    shown = [event for event in events.all() if event.published]
    only = shown[0] if len(shown) == 1 else None
    look = only.theme if only else events.organisation.theme
    first, *others = (only or events.organisation).languages
    template = environment(first).from_string(_TEMPLATE.read_text(encoding="utf-8"))
    return {
        kind: {
            "responseParameters": {
                f"gatewayresponse.header.{name}": f"'{value}'"
                for name, value in _headers(look, (first, *others), page).items()
            },
            # API Gateway takes the JSON template whatever the browser accepts, and would replace
            # "$context..." in it.
            "responseTemplates": {
                "application/json": template.render(
                    page=page._asdict(),
                    event=only,
                    look=look,
                    url=pages_url,
                    others=others,
                    shared=_ON_EVERY_PAGE,
                ).replace("$", "&#36;")
            },
        }
        for kind, page in PAGES.items()
    }


def description_of(responses: Responses) -> str:
    """The description of a deployment that contains these responses."""
    digest = sha256(json.dumps(responses, sort_keys=True).encode()).hexdigest()
    return f"{_DESCRIPTION}{digest[:16]}"


def is_description(text: str) -> bool:
    """Whether a deployment with this description contains responses of this module."""
    return text.startswith(_DESCRIPTION)


def deployed_description(settings: dict[str, Any], api: str, aws: Aws) -> str:
    """The description of the deployment that a stage with these settings now serves."""
    deployment = aws.client("apigateway").get_deployment(
        restApiId=api, deploymentId=settings["deploymentId"]
    )
    return str(deployment.get("description", ""))


def deploy_gateway_responses(responses: Responses, api: str, api_stage: str, aws: Aws) -> None:
    """Set the responses and deploy the API once more, without which they have no effect."""
    client = aws.client("apigateway")
    for kind, response in responses.items():
        client.put_gateway_response(restApiId=api, responseType=kind, **response)
    client.create_deployment(
        restApiId=api, stageName=api_stage, description=description_of(responses)
    )


def _headers(look: Theme, languages: Sequence[str], page: GatewayPage) -> dict[str, str]:
    headers = {
        **security_headers(look),
        # Without quotes, since API Gateway quotes values; an empty list is 'none' (CSP 3, 6.7.2.7).
        "Content-Security-Policy": "default-src; base-uri; form-action; frame-ancestors",
        "Content-Type": HTML,
        "Content-Language": ", ".join(languages),
        "Cache-Control": "no-store",
    }
    return headers | ({"Retry-After": str(page.retry_after)} if page.retry_after else {})
