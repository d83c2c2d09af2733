"""Valid mail addresses, and mailboxes."""

import pytest

from chalicelib.event.mail_address import is_mail_address, mailbox


@pytest.mark.parametrize(
    "address", ["a@b.se", "asa.skytt+kost@boras.example", "O'Brien@sub.domain.example", "1@2.co"]
)
def test_usual_addresses_are_valid(address: str) -> None:
    assert is_mail_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "", "a", "a@", "@b.se", "a@b", "a@b.", "a@.se", "a b@c.se", "a@b.se, c@d.se", "a@b.se\n",
        "a@b.se\r\nBcc: c@d.se", "<a@b.se>", "Åsa@b.se", "a@borås.se", "a@b_c.se", "a@-b.se",
        "a..b@c.se", ".a@b.se",
        "a.@b.se", "a" * 65 + "@b.se", "a@" + "b" * 64 + ".se",
    ],
)  # fmt: skip
def test_addresses_that_ses_cannot_accept_are_invalid(address: str) -> None:
    assert not is_mail_address(address)


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("A@B.se", "a@b.se"),
        ("a+1@b.se", "a@b.se"),
        ("a+1+2@b.se", "a@b.se"),
        ("+a@b.se", "+a@b.se"),
        ("a.b.c@d.se", "abc@d.se"),
    ],
)
def test_an_address_with_a_tag_dots_or_capitals_is_the_same_mailbox(
    address: str, same: str
) -> None:
    assert mailbox(address) == same
