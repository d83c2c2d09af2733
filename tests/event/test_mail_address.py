import pytest

from chalicelib.event.mail_address import is_mail_address, mailbox


@pytest.mark.parametrize(
    "address", ["a@b.se", "asa.skytt+kost@boras.example", "O'Brien@sub.domain.example", "1@2.co"]
)
def test_what_people_have_is_an_address(address: str) -> None:
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
def test_what_ses_cannot_take_is_none(address: str) -> None:
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
def test_a_mailbox_is_the_same_whatever_tag_it_is_written_with(address: str, same: str) -> None:
    assert mailbox(address) == same
