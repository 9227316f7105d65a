"""Passwords and tokens go nowhere, and everything else stays as it came."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.redact import Redacted, redact


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"event":"meeting.paused","n":1.50E+2,"n":-0}', id="nothing secret"),
        pytest.param('{"名字":"会议 🎉","passé":1}'.encode(), id="letters beyond ASCII"),
        pytest.param(b'{"caf\\u00e9":"\\u0070assword"}', id="escapes"),
        pytest.param(b'{"said":"password","list":["token",":",{"a":"secret"}]}', id="the words as values"),
        pytest.param(b'{"said":"the \\"password\\": x"}', id="a key within a string"),
        pytest.param(b'{"a":"\xff\xfe"}', id="not UTF-8"),
        pytest.param(b'{"a":"\\ud83d"}', id="half a surrogate pair"),
        pytest.param(b'{"a":%s,"\\u0062":1}' % (b"1" * 5_000), id="a number of 5,000 digits"),
        pytest.param(b'{"\\u0061":%s}' % (b"[" * 5_000 + b"]" * 5_000), id="5,000 deep"),
    ],
)
def test_what_holds_no_secret_stays_as_it_came(body: bytes) -> None:
    """Byte for byte: the signature still agrees with it."""
    assert redact(body) == Redacted(body, changed=False)


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "hostPassword",
        "PASSWD",
        "chair_pwd",
        "passcode",
        "passphrase",
        "accessToken",
        "token",
        "clientSecret",
        "ticket",
        "credentials",
        "Authorization",
        "会议密码",
        "口令",
        "令牌",
        "p\\u0061ssword",
        "\\u5bc6\\u7801",
        "pass\\u0077ord",
    ],
)
def test_a_key_that_names_a_secret_loses_its_value(key: str) -> None:
    """Whatever the case, the script or the spelling."""
    body = f'{{"a":"b","{key}":"marker","c":1.50}}'.encode()

    assert redact(body) == Redacted(body.replace(b'"marker"', b'"[removed]"'), changed=True)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b'"marker"', id="a string"),
        pytest.param(b'"a \\" , marker"', id="a string with a quote in it"),
        pytest.param(b"123456", id="a number"),
        pytest.param(b"null", id="null"),
        pytest.param(b"true", id="true"),
        pytest.param(b"{}", id="an object with nothing in it"),
        pytest.param(b'{"x":["marker",{"y":"}"}]}', id="an object"),
        pytest.param(b'["marker", [ ] , "]" ]', id="a list"),
        pytest.param(b"[" * 3_000 + b"]" * 3_000, id="3,000 deep"),
    ],
)
def test_the_whole_value_goes(value: bytes) -> None:
    """And what follows it is still looked through."""
    body = b'{"password" : %s , "in":[{"token":%s,"kept":1}]}' % (value, value)

    assert redact(body) == Redacted(b'{"password" :"[removed]" , "in":[{"token":"[removed]","kept":1}]}', changed=True)


def test_a_secret_behind_a_key_that_stands_twice_goes() -> None:
    """Who reads it keeps the last of the two; the bytes hold both."""
    body = b'{"a":{"password":"marker"},"a":1,"password":"marker","password":{}}'

    assert redact(body).body == b'{"a":{"password":"[removed]"},"a":1,"password":"[removed]","password":"[removed]"}'


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"token":', id="no value"),
        pytest.param(b'{"token":"marker', id="a string without an end"),
        pytest.param(b'{"token":{"a":"marker"', id="an object without an end"),
        pytest.param(b'{"\\u00zz":"marker"}', id="a key that cannot be read"),
    ],
)
def test_what_cannot_be_told_goes(body: bytes) -> None:
    """Rather too much than a password."""
    assert (b"marker" in redact(body).body, redact(body).changed) == (False, True)


names = st.text(max_size=8) | st.sampled_from(["password", "Token", "密码", "pwd2", "hostSecret"])
trees = st.recursive(
    st.none() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)
SECRET = ("passw", "token", "密码", "pwd", "secret")


def without_secrets(tree: object) -> object:
    """Return a tree as it may be published, by a plain walk."""
    match tree:
        case dict():
            return {
                key: "[removed]" if any(word in key.lower() for word in SECRET) else without_secrets(value)
                for key, value in tree.items()
            }
        case list():
            return list(map(without_secrets, tree))
        case _:
            return tree


@given(trees, st.booleans(), st.sampled_from([None, 2]))
def test_every_secret_goes_and_nothing_else(tree: object, ascii_only: bool, indent: int | None) -> None:
    """Over the bytes it is what it is over the tree, however that is spelt."""
    body = json.dumps(tree, ensure_ascii=ascii_only, indent=indent).encode("utf-8", "surrogatepass")

    redacted = redact(body)

    assert json.loads(redacted.body.decode("utf-8", "surrogatepass")) == without_secrets(tree)
    assert redacted.changed == (redacted.body != body)


def test_repr_shows_no_content() -> None:
    """What is left of a push is still its content."""
    assert repr(redact(b'{"a":"marker"}')) == "<Redacted 14 bytes>"
