"""What the table's items are made of."""

import pytest
from chalicelib.items import marshal, unmarshal


def test_an_item_comes_back_as_it_was_written() -> None:
    item = {"t": "å", "n": -3, "yes": True, "no": False, "l": ["a", ["b"]], "m": {"n": 0}, "e": []}
    assert unmarshal(marshal(item)) == item
    assert marshal({"yes": True, "n": 1}) == {"yes": {"BOOL": True}, "n": {"N": "1"}}


@pytest.mark.parametrize("value", [None, 1.5, b"bytes", {"a", "b"}])
def test_what_the_table_never_holds_is_not_written(value: object) -> None:
    with pytest.raises(TypeError):
        marshal({"x": value})


@pytest.mark.parametrize("value", [{"NULL": True}, {"B": "AAEC"}, {"SS": ["a"]}])
def test_what_the_table_never_holds_is_not_taken_for_something_else(
    value: dict[str, object],
) -> None:
    with pytest.raises(TypeError):
        unmarshal({"x": value})
