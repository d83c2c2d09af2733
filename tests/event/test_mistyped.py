"""Mail addresses whose domain was probably mistyped."""

import pytest

from chalicelib.event.mistyped import meant_address

OWN = ("boras.se", "av.se")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("boars.se", "boras.se"),
        ("bora.se", "boras.se"),
        ("borass.se", "boras.se"),
        ("botas.se", "boras.se"),
        ("borås.se", "boras.se"),
        ("BORAS.SW", "boras.se"),
        ("boras.com", "boras.se"),
        ("boras.s", "boras.se"),
        ("gmial.com", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gmail.se", "gmail.com"),
        ("gmail.co", "gmail.com"),
        ("hotmial.com", "hotmail.com"),
        ("hotmail.es", "hotmail.se"),
        ("outlok.com", "outlook.com"),
        ("iclould.com", "icloud.com"),
        ("telia.cmo", "telia.com"),
    ],
)
def test_a_domain_that_is_nearly_the_organisations_or_a_common_one_is_asked_about(
    typed: str, meant: str
) -> None:
    assert meant_address(f"asa.ek+x@{typed}", OWN) == f"asa.ek+x@{meant}"


@pytest.mark.parametrize(
    "domain",
    [
        *("boras.se", "skola.boras.se", "boden.se", "vgregion.se", "av.se", "ab.se", "av.nu"),
        *(
            "gmail.com",
            "hotmail.com",
            "hotmail.se",
            "hotmail.nu",
            "live.se",
            "live.com",
            "mail.com",
        ),
        *(
            "gmx.de",
            "me.com",
            "ymail.com",
            "googlemail.com",
            "yahoo.co.uk",
            "outlook.com",
            "elsewhere.example",
            "xn--bors-soa.example",
            "",
        ),
    ],
)
def test_other_domains_are_not(domain: str) -> None:
    assert meant_address(f"asa@{domain}", OWN) == ""


def test_a_text_without_a_domain_is_not() -> None:
    assert [meant_address(text, OWN) for text in ("", "asa", "boars.se")] == [""] * 3
