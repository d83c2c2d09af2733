"""Valid mail addresses, and mailboxes."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.event.mail_address import (
    ascii_address,
    capped_domain,
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
        "a.@b.se", "a" * 65 + "@b.se", "a@" + "b" * 64 + ".se", "a@" + "b." * 126 + "se",
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
        ("A@BORÅS.se", "a@xn--bors-soa.se"),
        ("A.s.A+x@googlemail.com", "asa@gmail.com"),
        ("asa+x@me.com", "asa@icloud.com"),
        ("asa@mac.com", "asa@icloud.com"),
        ("A.s-a_ek+x@pm.me", "asaek@proton.me"),
        ("asaek@protonmail.com", "asaek@proton.me"),
        ("asa_ek+x@fastmail.com", "asa_ek@fastmail.com"),
        ("x.y@asa-ek.fastmail.com", "asa_ek@fastmail.com"),
        ("x@asa.sent.com", "asa@sent.com"),
        ("asa-x+y@yahoo.co.uk", "asa@yahoo.co.uk"),
        ("asa+x@hotmail.com", "asa@hotmail.com"),
    ],
)
def test_an_address_is_folded_as_its_provider_does(address: str, same: str) -> None:
    assert mailbox(address) == mailbox(same) == same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a.b@boras.example", "ab@boras.example"),
        ("a-b@boras.example", "a@boras.example"),
        ("a_b@boras.example", "ab@boras.example"),
        ("a.b@outlook.com", "ab@outlook.com"),
        ("a-b@gmail.com", "ab@gmail.com"),
        ("a@hotmail.com", "a@outlook.com"),
        ("a.b@icloud.com", "ab@icloud.com"),
        ("a@fastmail.com", "a@fastmail.fm"),
        ("a.b@yahoo.se", "ab@yahoo.se"),
        ("a@yahoo.se", "a@yahoo.com"),
        ("x@a.boras.example", "x@b.boras.example"),
        ("x@a.gmail.com", "a@gmail.com"),
        ("a-b@yahoo.evil.example", "a@yahoo.evil.example"),
    ],
)
def test_two_persons_are_not_folded_into_one(one: str, other: str) -> None:
    assert mailbox(one) != mailbox(other)


_LOCALS = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,8}(\.[a-z0-9_-]{1,8}){0,2}", fullmatch=True)
_DOMAINS = st.sampled_from(
    ("gmail.com", "googlemail.com", "pm.me", "yahoo.se", "fastmail.fm", "a-b.fastmail.fm", "me.com")
)
_OTHERS = st.sampled_from(("boras.example", "edu.boras.example", "outlook.com", "b.se", "com.se"))


@example("0.-", "a", "yahoo.se")
@given(_LOCALS, _LOCALS, _DOMAINS | _OTHERS)
def test_a_mailbox_is_its_own_mailbox_and_a_valid_address(
    local: str, tag: str, domain: str
) -> None:
    once = mailbox(f"{local}+{tag}@{domain}".upper())
    assert mailbox(once) == once == mailbox(f"{local}@{domain}")
    assert is_mail_address(once)


@given(_LOCALS, _LOCALS, _OTHERS, _OTHERS)
def test_two_plain_addresses_of_other_domains_are_two_mailboxes(
    one: str, two: str, domain: str, other: str
) -> None:
    same = (one, domain) == (two, other)
    assert (mailbox(f"{one}@{domain}") == mailbox(f"{two}@{other}")) is same


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("a@Skola.Lund.example", "lund.example"),
        ("a@lund.example", "lund.example"),
        ("a@b.c.co.uk", "c.co.uk"),
        ("a@kth.se", "kth.se"),
        ("a@malmö.se", "xn--malm-8qa.se"),
        ("a@boras.example", ""),
        ("a@edu.boras.example", ""),
        ("a@notboras.example", "notboras.example"),
        ("a@gmail.com", ""),
        ("a@googlemail.com", ""),
        ("x@a.fastmail.com", ""),
        ("a@yahoo.se", ""),
        ("a@live.se", ""),
        ("a@gmail.com.evil.example", "evil.example"),
    ],
)
def test_domains_share_a_cap_but_for_large_providers_and_the_organisation(
    address: str, domain: str
) -> None:
    assert capped_domain(address, {"boras.example"}) == domain


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
