import pytest

from lrdemo.strict_json import parsed


def test_json_is_read():
    assert parsed(b'{"a": [1, 2.5, true, null, "\\u00e9"]}') == {"a": [1, 2.5, True, None, "é"]}


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"nonsense", b"NaN", b"[-Infinity]", b"\xff", b"9" * 5_000, b"-" + b"9" * 5_000,
        b"[" * 100_000, b'{"a":' * 100_000, b"[1]\0", "[1]".encode("utf-16"),
        b'{"a": 1, "a": 1}', b'[{"b": {"": 1, "c": 2, "": 3}}]',
    ],
)  # fmt: skip
def test_whatever_is_wrong_is_a_value_error(content):
    with pytest.raises(ValueError):
        parsed(content)
