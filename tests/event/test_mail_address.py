"""Valid mail addresses, and mailboxes."""

import pytest

from chalicelib.event.mail_address import (
    ascii_address,
    is_mail_address,
    mailbox,
    typed_address,
)


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
        ("A@BORÅS.se", "a@xn--bors-soa.se"),
    ],
)
def test_an_address_with_a_tag_dots_or_capitals_is_the_same_mailbox(
    address: str, same: str
) -> None:
    assert mailbox(address) == same


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("asa@boras.example", "asa@boras.example"),
        ("Asa.Ek@Boras.example", "Asa.Ek@Boras.example"),
        ("\u00a0asa@boras.example\u00a0\u200b", "asa@boras.example"),
        ("asa@bo\u00adras.example", "asa@boras.example"),
        ("\u202aasa@boras.example\u202c", "asa@boras.example"),
        ("\ufeffasa\u2060@boras.example", "asa@boras.example"),
        ("mailto:asa@boras.example", "asa@boras.example"),
        ("MAILTO:asa@boras.example?subject=Hej", "asa@boras.example"),
        ("Åsa Ek <asa@boras.example>", "asa@boras.example"),
        ('"Ek, Åsa" <asa@boras.example>;', "asa@boras.example"),
        ("<mailto:asa@boras.example>", "asa@boras.example"),
        ("asa@boras.example.", "asa@boras.example"),
        ("o’brien@boras.example", "o'brien@boras.example"),
        ("anna\u2011karin@boras\u2013stad.example", "anna-karin@boras-stad.example"),
        ("asa@borås.example", "asa@borås.example"),
        ("asa@bora\u030as.example", "asa@borås.example"),
        ("as\u212a@boras.example", "asK@boras.example"),
        ("asa@xn--bors-soa.example", "asa@borås.example"),
        ("asa@XN--BORS-SOA.example", "asa@borås.example"),
        ("asa@xn--\u00e5.example", "asa@xn--å.example"),
        ("asa@xn--99999999.example", "asa@xn--99999999.example"),
        ("a@b.se, c@d.se", "a@b.se, c@d.se"),
        ("<a@b.se> <c@d.se>", "<a@b.se> <c@d.se>"),
        ("Åsa", "Åsa"),
        ("", ""),
    ],
)
def test_what_people_paste_around_and_into_an_address_is_taken_away(
    typed: str, address: str
) -> None:
    assert typed_address(typed) == address
    assert typed_address(address) == address


def test_a_text_far_longer_than_an_address_is_not_mended() -> None:
    text = "mailto:" + "a" * 1_000
    assert typed_address(text) == text


@pytest.mark.parametrize(
    ("address", "sent_to"),
    [
        ("asa@boras.example", "asa@boras.example"),
        ("asa@borås.example", "asa@xn--bors-soa.example"),
        ("asa@BORÅS.example", "asa@xn--bors-soa.example"),
        ("asa@vård.malmö.example", "asa@xn--vrd-ula.xn--malm-8qa.example"),
        ("åsa@borås.example", "åsa@xn--bors-soa.example"),
    ],
)
def test_a_domain_with_other_letters_is_sent_to_in_punycode(address: str, sent_to: str) -> None:
    assert ascii_address(address) == sent_to
    assert typed_address(sent_to).lower() == address.lower()


@pytest.mark.parametrize(
    "domain", ["straße.de", "φίλος.gr", "ｂoras.se", "å..se", "å" * 63 + ".se"]
)
def test_a_domain_that_python_would_encode_as_anothers_is_not_valid(domain: str) -> None:
    assert not is_mail_address(ascii_address(f"a@{domain}"))
