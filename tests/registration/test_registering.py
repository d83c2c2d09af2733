"""Registering, changing and cancelling, with mailed links."""

import re

import pytest

from chalicelib.registration.registration import RegistrationRemoved, StaleRevision
from tests.driving import HOUR, MINUTE, Service
from tests.examples import NOW

LATER = NOW + HOUR
ADDRESS = "asa@elsewhere.example"


# Changes


def test_a_change_overtaken_during_its_write_is_refused_as_stale(service: Service) -> None:
    receipt = service.register()
    service.table.database.on(
        "TransactWriteItems", "REG#", lambda: service.change(receipt, diet="kosher")
    )
    with pytest.raises(StaleRevision) as stale:
        service.change(receipt, diet="halal")
    assert stale.value.stored.answers.diet == "kosher"


def test_a_clock_that_is_set_back_loses_no_change(service: Service) -> None:
    receipt = service.register(email=ADDRESS)
    for revision, address in enumerate(("a@b.example", "c@d.example", "a@b.example"), 1):
        assert service.change(receipt, revision, NOW, email=address)
    assert service.change(receipt, 4, NOW - MINUTE, diet="kosher")


# Receipts


def mailed_token(service: Service) -> str:
    found = re.search(r"/dag/registration/([^\s?]+)", service.mailer.letters[-1][1].text)
    assert found
    return found[1]


def test_a_link_mailed_to_a_mistyped_address_opens_nothing_once_the_address_is_corrected(
    service: Service,
) -> None:
    receipt = service.register(email="wrong@stranger.example")
    service.run_due_steps(NOW)
    mailed = mailed_token(service)
    assert service.find(mailed)
    service.change(receipt, email=ADDRESS)
    assert service.find(mailed) is None
    assert service.change(receipt._replace(token=mailed), diet="halal") is None


def test_a_mailed_link_stays_invalid_when_the_same_form_is_sent_after_cancelling(
    service: Service,
) -> None:
    receipt = service.register(email=ADDRESS)
    service.run_due_steps(NOW)
    mailed = mailed_token(service)
    service.cancel(receipt.token)
    with pytest.raises(RegistrationRemoved):
        service.register(LATER, email=ADDRESS)
    assert service.find(mailed) is None


@pytest.mark.parametrize("with_the_mailed_link", [True, False])
def test_a_mailed_link_can_change_and_cancel_and_each_new_address_gets_a_receipt(
    service: Service, *, with_the_mailed_link: bool
) -> None:
    receipt = service.register(email=ADDRESS)
    service.run_due_steps(LATER)
    mailed = receipt._replace(token=mailed_token(service))
    assert service.change(mailed, diet="halal") == service.find(receipt.token)
    for revision, address in enumerate(("b@else.example", "c@else.example"), 2):
        moved = service.change(mailed, revision, email=address, diet="halal")
        assert moved
        assert service.find(mailed.token) == service.find(receipt.token) == moved
        service.run_due_steps(LATER)
    assert service.recipients == [ADDRESS, "b@else.example", "c@else.example"]
    assert len(service.table.database.keys("LINK#")) == 3
    service.cancel(mailed.token if with_the_mailed_link else receipt.token, 4)
    assert service.find(receipt.token) is service.find(mailed.token) is None
    assert [service.table.database.keys(kind) for kind in ("REG#", "LINK#")] == [[]] * 2
