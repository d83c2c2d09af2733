"""The closing of registration."""

from dataclasses import replace

import pytest

from chalicelib.registration.registration import RegistrationClosed
from tests.driving import DAY, MINUTE, SECOND, Service
from tests.examples import NOW


def test_closing_fixes_the_deadline_even_if_the_event_file_changes(service: Service) -> None:
    closed_at = service.event.closes_at
    service.run_due_steps(closed_at)
    service.event = replace(service.event, last_day=service.event.last_day + 3 * DAY)
    with pytest.raises(RegistrationClosed):
        service.register(closed_at + MINUTE)


def test_registrations_are_counted_twice_a_minute_apart_after_the_settling_time(
    service: Service,
) -> None:
    settled = service.event.closes_at + 2 * MINUTE
    assert service.run_due_steps(NOW, service.event.closes_at - SECOND) == []
    assert service.run_due_steps(settled - SECOND) == ["closed"]
    assert service.run_due_steps(settled) == ["snapshot taken"]
    assert service.run_due_steps(settled + 59 * SECOND) == []
    assert service.run_due_steps(settled + 60 * SECOND)[0] == "summary-1 issued"
