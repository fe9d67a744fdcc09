"""One JSON object, read strictly."""

import json
from types import MappingProxyType

import pytest

from jwt_middleware import InvalidToken
from jwt_middleware.verification.json_object import parse_object


@pytest.mark.parametrize(
    "content",
    [
        b'{"a":1,"a":1}',
        b'{"a":{"b":1,"b":2}}',
        b'{"a":[{"b":1,"b":2}]}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"a":1e400}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":"\\ud800"}',
        b'{"\\udfff":1}',
        b'{"a":"\xff"}',
        b'{"a":1}{"b":2}',
        b"[]",
        b"1",
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b'{"a":' + b"[" * 40 + b"]" * 40 + b"}",
        b'{"a":' + b"[" * 15_000 + b"}",
        b'{"a":"\\"' + b'","b":' + b"[" * 40 + b"]" * 40 + b"}",
    ],
)
def test_an_object_that_two_readers_could_read_differently_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidToken):
        parse_object(content)


def test_an_object_is_deeply_read_only() -> None:
    parsed = parse_object(b'{"a":[1,[2,{"b":[3]}]],"c":{"d":{}},"e":"\\u00e9\\ud83d\\ude00"}')
    assert parsed == {"a": (1, (2, {"b": (3,)})), "c": {"d": {}}, "e": "é😀"}
    assert isinstance(parsed, MappingProxyType)
    assert isinstance(parsed["c"], MappingProxyType)


def test_many_brackets_side_by_side_or_in_a_text_are_no_nesting() -> None:
    many = {"groups": [{"id": [index]} for index in range(100)], "text": '[[{{\\"' * 100}
    assert len(str(parse_object(json.dumps(many).encode())["text"])) == 600
