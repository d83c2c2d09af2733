"""Asking for the link to a registration: the same answers for every address."""

from chalice.app import Response

from chalicelib.dynamo.errors import StoreUnavailable
from chalicelib.logs.json_lines import log_fault
from chalicelib.mail.limits import LINK_MAILS_A_DAY
from chalicelib.registration.form import ASKED, Fields, InvalidForm, read_address
from chalicelib.registration.lost_links import ask_for_links
from chalicelib.web.error_pages import ErrorPage
from chalicelib.web.request import PageRequest
from chalicelib.web.responses import kept_for_back, page, redirect
from chalicelib.web.submission import SWITCHED, fresh_nonce, nonce_of, submitted_fields


def show_ask(request: PageRequest) -> Response:
    """The form that asks for a mail address; none once personal data are hidden."""
    _refuse_after_deletion(request)
    return _form(request, fields={"nonce": [fresh_nonce()]})


def ask(request: PageRequest) -> Response:
    """Queue the mail with the links of an address, whether a registration has it or not."""
    _refuse_after_deletion(request)
    fields: Fields = submitted_fields(request.raw)
    fields = {**fields, "nonce": [nonce_of(fields)]}
    try:
        if SWITCHED in fields:
            raise InvalidForm({})
        address = read_address(fields, request.event)
        is_queued = ask_for_links(request.context, address, fields["nonce"][0], request.language)
    except InvalidForm as invalid:
        kept = fields if invalid.errors else {**fields, ASKED: [""]}
        return _form(request, 422 if invalid.errors else 200, fields=kept, errors=invalid.errors)
    except StoreUnavailable as fault:
        log_fault(fault)
        return _form(request, 503, fields=fields, problem="fault")
    if not is_queued:
        return _form(request, 429, fields=fields, problem="full")
    return redirect(request.link("/link/sent"))


def show_sent(request: PageRequest) -> Response:
    """Say that a mail is on its way, if the address has a registration."""
    return page(request, "link_sent.html", links_at_most=LINK_MAILS_A_DAY)


def _form(request: PageRequest, status: int = 200, **values: object) -> Response:
    return kept_for_back(page(request, "link.html", status, **values))


def _refuse_after_deletion(request: PageRequest) -> None:
    if request.event.hides_personal_data(request.now):
        raise ErrorPage(410, "link", "closed.html", closes_at=request.event.closes_at)
