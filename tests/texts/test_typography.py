"""What stays on one line, and what stays as it was written."""

import pytest

from chalicelib.texts.typography import unbroken


@pytest.mark.parametrize(
    ("written", "kept_together"),
    [
        ("måndag 24 maj kl. 24.00", "måndag 24\xa0maj kl.\xa024.00"),
        ("7–8 september 2027", "7–8\xa0september 2027"),
        ("Monday 24 May at 15:00", "Monday 24\xa0May at\xa015:00"),
        ("cirka kl. 9", "cirka kl.\xa09"),
        ("E-post: din e-postadress", "E-post: din e\u2011postadress"),
        ("<b>24 maj</b>", "<b>24\xa0maj</b>"),
    ],
)
def test_a_date_a_time_and_a_word_stay_on_one_line(written: str, kept_together: str) -> None:
    assert unbroken(written) == kept_together


@pytest.mark.parametrize(
    "written",
    [
        "24 majestäter, at 15 places, 3 kl.",
        "e-post@boras.example min.e-post@boras.example e-post.nu@boras.example",
        '<input value="31 maj kl. 10.00">',
        '<a href="mailto:x@y.example?subject=31 maj">',
        "<textarea>\n31 maj kl. 10.00, e-post</textarea>",
        "<style>.a::before{content:'31 maj'}</style>",
    ],
)
def test_other_words_attributes_and_typed_texts_stay_as_they_are(written: str) -> None:
    assert unbroken(written) == written
