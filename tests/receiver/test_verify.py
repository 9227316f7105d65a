"""What is the service's own and what is not: decided over bytes, and held to a signer that shares nothing with it."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from receiver.errors import Malformed, Refused, Unverified
from receiver.verify import Account, Accounts, Verified, compact, verify
from schemas.ids import EnterpriseName, SubscriberId

from .signing import ACCOUNTS, PASSWORD, RECEIVED_AT, SENT_MS, STARTED, delivered, push, sign

ROOT: Final = Path(__file__).parents[2]

# The reference's own signed example ("Verification"); its password is 123456.
V1: Final = (
    b'{"appID":"1988692299","timestamp":1629183619116,"nonce":"85262798",'
    b'"signature":"262ccb5f8854f824c41ea5854ba1798bfa850706fbc85b2be9fd7535ed6b8ff3",'
    b'"eventInfo":{"event":"meeting.verify","timestamp":1629183619116}}'
)
DEEP: Final = b"[" * 10_000 + b"]" * 10_000
SPACED: Final = STARTED.replace(b":", b" : ").replace(b",", b" ,\t\r\n")


def verified(
    body: bytes, event_info: bytes = STARTED, *, enterprise: str = "acme", subscriber_id: str = "123456789"
) -> Verified:
    """Return what a body of `push` becomes."""
    return Verified(
        enterprise=EnterpriseName(enterprise),
        subscriber_id=SubscriberId(subscriber_id),
        sent_ms=SENT_MS,
        nonce="85262798",
        event_info=event_info,
        body=body,
        received_at=RECEIVED_AT,
        request_id="r-1",
    )


def refusal(body: bytes, accounts: Accounts = ACCOUNTS) -> tuple[type[Refused], str]:
    """Return how a body is refused."""
    with pytest.raises(Refused) as refused:
        verify(delivered(body), accounts)
    return type(refused.value), refused.value.reason


def test_the_references_own_example_is_the_services_own() -> None:
    """Two implementations that we wrote could agree on a mistake; this one was signed by the service."""
    accounts = {SubscriberId("1988692299"): Account(enterprise=EnterpriseName("acme"), passwords=(b"123456",))}

    assert verify(delivered(V1), accounts) == Verified(
        enterprise=EnterpriseName("acme"),
        subscriber_id=SubscriberId("1988692299"),
        sent_ms=1_629_183_619_116,
        nonce="85262798",
        event_info=b'{"event":"meeting.verify","timestamp":1629183619116}',
        body=V1,
        received_at=RECEIVED_AT,
        request_id=None,
    )


@pytest.mark.parametrize(
    ("event_info", "signed"),
    [
        pytest.param(STARTED, STARTED, id="compact"),
        pytest.param(SPACED, STARTED, id="white space, signed without"),
        pytest.param(SPACED, SPACED, id="white space, signed with"),
        pytest.param(b'{"event":"a b ","timestamp" : 1}', b'{"event":"a b ","timestamp":1}', id="space in a string"),
        pytest.param(b'{ "a" : "\\" : ," }', b'{"a":"\\" : ,"}', id="an escaped quote before a space"),
        pytest.param(b'{"timestamp":1,"event":"x"}', None, id="members in another order"),
        pytest.param(b'{"event":"a\\/b"}', None, id="slash escaped"),
        pytest.param(b'{"event":"caf\\u00e9"}', None, id="letter escaped"),
        pytest.param('{"event":"会议 🎉"}'.encode(), None, id="letters as they are"),
        pytest.param('{ "event" : "会议 🎉" }'.encode(), '{"event":"会议 🎉"}'.encode(), id="letters and white space"),
        pytest.param(b'{"a":"\xff\xfe"}', None, id="not UTF-8"),
        pytest.param(b'{"a":"\\ud83d"}', None, id="half a surrogate pair"),
        pytest.param(b'{"a":"\\udc00\\ud800"}', None, id="a surrogate pair the wrong way round"),
        pytest.param(b'{"a":"\\u0000"}', None, id="NUL escaped"),
        pytest.param(b'{"a":%s}' % (b"1" * 400), None, id="a number of 400 digits"),
        pytest.param(b'{"a" : 1.50E+2}', b'{"a":1.50E+2}', id="a number spelt oddly"),
        pytest.param(b'{"a":1,"a":2}', None, id="a key twice, inside"),
        pytest.param(b"{}", None, id="nothing"),
        pytest.param(b'{"a":%s}' % (b"[" * 500 + b"]" * 500), None, id="500 deep"),
    ],
)
def test_the_signature_covers_the_original_bytes(event_info: bytes, signed: bytes | None) -> None:
    """Over the slice as it came, or over it without insignificant white space; however it is spelt."""
    body = push(event_info, signed=signed)

    assert verify(delivered(body, "r-1"), ACCOUNTS) == verified(body, event_info)


@pytest.mark.parametrize(
    "respell",
    [
        pytest.param(lambda body: b" \r\n" + body.replace(b',"', b' ,\t"', 3) + b"\n", id="white space around"),
        pytest.param(
            lambda body: b'{"eventInfo":' + STARTED + b"," + body[1 : -len(STARTED) - 14] + b"}", id="reordered"
        ),
        pytest.param(lambda body: body[:-1] + b',"version":2.50}', id="one more member"),
        pytest.param(lambda body: body[:-1] + b',"n":' + b"1" * 5_000 + b"}", id="one more, of 5,000 digits"),
        pytest.param(lambda body: body[:-1] + b',"a":{"appID":1},"b":[{"nonce":1}]}', id="names again, further in"),
        pytest.param(lambda body: body.replace(b"appID", b"app\\u0049D"), id="a name with an escape"),
        pytest.param(lambda body: body.replace(b"85262798", b"8526279\\u0038"), id="a nonce with an escape"),
        pytest.param(lambda body: body[:-1] + b',"cut":"\\ud83d"}', id="one more, half a surrogate pair"),
        pytest.param(lambda body: body[:-1] + b',"\xff":"\xff"}', id="one more, not UTF-8"),
    ],
)
def test_the_envelope_may_be_spelt_otherwise(respell: Callable[[bytes], bytes]) -> None:
    """The signature does not cover it, and the service may add members on any day."""
    body = respell(push())

    assert verify(delivered(body, "r-1"), ACCOUNTS) == verified(body)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"", "not_json", id="empty"),
        pytest.param(b" \n", "not_json", id="white space alone"),
        pytest.param(b"event=meeting.started", "not_json", id="a form"),
        pytest.param(push()[:-1], "not_json", id="cut short"),
        pytest.param(push() + b"x", "not_json", id="something behind"),
        pytest.param(push() + push(), "not_json", id="two of them"),
        pytest.param(push() + b"\x00", "not_json", id="NUL behind"),
        pytest.param(b"\xef\xbb\xbf" + push(), "not_json", id="a mark of byte order"),
        pytest.param(push().decode().encode("utf-16"), "not_json", id="UTF-16"),
        pytest.param(push(b'{"a":NaN}'), "not_json", id="NaN"),
        pytest.param(push(b'{"a":Infinity}'), "not_json", id="Infinity"),
        pytest.param(push(b'{"a":01}'), "not_json", id="a number with a zero before"),
        pytest.param(push(b'{"a":"\x00"}'), "not_json", id="NUL"),
        pytest.param(push(b'{"a":"\x1f"}'), "not_json", id="a control character"),
        pytest.param(push(b'{"a":"\\x41"}'), "not_json", id="an escape that JSON lacks"),
        pytest.param(push(b'{"a":"\\u12"}'), "not_json", id="an escape cut short"),
        pytest.param(push(b"{a:1}"), "not_json", id="a name without quotes"),
        pytest.param(push(b"{'a':1}"), "not_json", id="single quotes"),
        pytest.param(push(b'{"a":1,}'), "not_json", id="a comma too many"),
        pytest.param(push()[:-1] + b",}", "not_json", id="a comma too many, outside"),
        pytest.param(push()[:-1] + b",1:2}", "not_json", id="a name that is no string"),
        pytest.param(push()[:-1] + b',"a" 1}', "not_json", id="a colon too few"),
        pytest.param(push()[:-1] + b',"a":1 "b":2}', "not_json", id="a comma too few"),
        pytest.param(push()[:-1] + b',"a":}', "not_json", id="no value"),
        pytest.param(push()[:-1] + b',"a"', "not_json", id="cut short behind a name"),
        pytest.param(DEEP, "not_json", id="10,000 deep"),
        pytest.param(push(b'{"a":%s}' % DEEP), "not_json", id="10,000 deep, inside"),
        pytest.param(b'{"eventInfo":' * 10_000, "not_json", id="10,000 deep, without an end"),
        pytest.param(b"[]", "not_the_envelope", id="a list"),
        pytest.param(b"[" + push() + b"]", "not_the_envelope", id="a list of one"),
        pytest.param(b'"push"', "not_the_envelope", id="a string"),
        pytest.param(b"17", "not_the_envelope", id="a number"),
        pytest.param(b"null", "not_the_envelope", id="null"),
        pytest.param(b"{}", "not_the_envelope", id="an object with nothing in it"),
        pytest.param(push().replace(b"eventInfo", b"eventinfo"), "not_the_envelope", id="no eventInfo"),
        pytest.param(push(b'"text"'), "not_the_envelope", id="eventInfo a string"),
        pytest.param(push(b"[{}]"), "not_the_envelope", id="eventInfo a list"),
        pytest.param(push(b"null"), "not_the_envelope", id="eventInfo null"),
        pytest.param(push().replace(b'"nonce"', b'"nunce"'), "not_the_envelope", id="no nonce"),
        pytest.param(push().replace(b'"85262798"', b"85262798"), "not_the_envelope", id="a nonce that is a number"),
        pytest.param(push().replace(b"85262798", b"\xff"), "not_the_envelope", id="a nonce that is not UTF-8"),
        pytest.param(
            push().replace(b"85262798", b"\\ud83d"), "not_the_envelope", id="a nonce of half a surrogate pair"
        ),
        pytest.param(b'{"nonce":"1",' + push()[1:], "key_twice", id="a key twice"),
        pytest.param(push()[:-1] + b',"nonce":"85262798"}', "key_twice", id="a key twice, the same value"),
        pytest.param(push()[:-1] + b',"eventInfo":{}}', "key_twice", id="eventInfo twice"),
        pytest.param(push()[:-1] + b',"timestamp":1}', "key_twice", id="timestamp twice"),
        pytest.param(b'{"app\\u0049D":"1",' + push()[1:], "key_twice", id="a key twice, once with an escape"),
        pytest.param(push()[:-1] + b',"x":1,"x":1}', "key_twice", id="a key twice that we do not know"),
    ],
)
def test_what_is_not_the_envelope_is_malformed(body: bytes, reason: str) -> None:
    """400, and with it a reason for the log that is one of a closed set."""
    assert refusal(body) == (Malformed, reason)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(push(password="another"), "signature", id="another password"),
        pytest.param(push(password=""), "signature", id="an empty password"),
        pytest.param(push(signed=STARTED + b" "), "signature", id="signed with white space, sent without"),
        pytest.param(push(STARTED, signed=b'{"event":"x"}'), "signature", id="another event signed"),
        pytest.param(push(b'{"b":1,"a":2}', signed=b'{"a":2,"b":1}'), "signature", id="reordered after signing"),
        pytest.param(push(b'{"a":"\\/"}', signed=b'{"a":"/"}'), "signature", id="escaped after signing"),
        pytest.param(push(b'{"a":"x y"}', signed=b'{"a":"xy"}'), "signature", id="white space in a string"),
        pytest.param(push(signature="0" * 64), "signature", id="zeros"),
        pytest.param(push().replace(b"85262798", b"85262799"), "signature", id="another nonce"),
        pytest.param(push().replace(b"1772413200351", b"1772413200352", 1), "signature", id="another timestamp"),
        pytest.param(push(app_id="9"), "unknown_subscriber", id="an unknown subscriber"),
        pytest.param(push(app_id="12345678\u0669"), "unknown_subscriber", id="a digit of another script"),
        pytest.param(push(app_id=""), "unknown_subscriber", id="an empty appID"),
        pytest.param(push().replace(b'"appID":"123456789",', b""), "unknown_subscriber", id="no appID"),
        pytest.param(
            push().replace(b'"123456789"', b"123456789"), "unknown_subscriber", id="an appID that is a number"
        ),
        pytest.param(push().replace(b'"123456789"', b"null"), "unknown_subscriber", id="an appID that is null"),
        pytest.param(push(timestamp="177241320035"), "timestamp_form", id="12 digits"),
        pytest.param(push(timestamp="17724132003510"), "timestamp_form", id="14 digits"),
        pytest.param(push(timestamp="9" * 400), "timestamp_form", id="400 digits"),
        pytest.param(push(timestamp="9" * 5_000), "timestamp_form", id="5,000 digits"),
        pytest.param(push(timestamp='"1772413200351"'), "timestamp_form", id="a string"),
        pytest.param(push(timestamp="1772413200351.0"), "timestamp_form", id="a fraction"),
        pytest.param(push(timestamp="-772413200351"), "timestamp_form", id="a minus"),
        pytest.param(push(timestamp="1.77241320035E12"), "timestamp_form", id="an exponent"),
        pytest.param(push(timestamp="null"), "timestamp_form", id="null"),
        pytest.param(push().replace(b'"timestamp":1772413200351,', b"", 1), "timestamp_form", id="no timestamp"),
        pytest.param(push(signature=sign("123456789", str(SENT_MS), "85262798", STARTED).upper()), "signature_form"),
        pytest.param(push(signature="0" * 63), "signature_form", id="63 digits"),
        pytest.param(push(signature="0" * 65), "signature_form", id="65 digits"),
        pytest.param(push(signature="g" * 64), "signature_form", id="not hexadecimal"),
        pytest.param(push(signature="\u0660" * 64), "signature_form", id="digits of another script"),
        pytest.param(push(signature="é" * 64), "signature_form", id="not ASCII"),
        pytest.param(push(signature="0" * 63 + "\n"), "signature_form", id="a line feed"),
        pytest.param(push(signature=""), "signature_form", id="an empty signature"),
        pytest.param(push().replace(b'"signature"', b'"seal"'), "signature_form", id="no signature"),
        pytest.param(re.sub(rb'"[0-9a-f]{64}"', b"null", push()), "signature_form", id="a signature that is null"),
        pytest.param(push(signature="0" * 64).replace(b"0" * 64, b"\xff" * 64), "signature_form", id="not UTF-8"),
    ],
)
def test_what_is_not_shown_to_be_the_services_is_unverified(body: bytes, reason: str) -> None:
    """401; which of the proofs was not good is for our log alone."""
    assert refusal(body) == (Unverified, reason)


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        pytest.param(push(b"[]", timestamp="1"), (Malformed, "not_the_envelope"), id="form of the body first"),
        pytest.param(push(timestamp="1", signature="x"), (Unverified, "timestamp_form"), id="then the timestamp"),
        pytest.param(push(signature="x", app_id="9"), (Unverified, "signature_form"), id="then the signature's form"),
        pytest.param(push(app_id="9", password="x"), (Unverified, "unknown_subscriber"), id="then the subscriber"),
    ],
)
def test_faults_are_told_in_order(body: bytes, refused: tuple[type[Refused], str]) -> None:
    """Of two faults the first of the order is told, whatever the other one is."""
    assert refusal(body) == refused


def test_every_password_of_an_enterprise_is_good() -> None:
    """While a password is being replaced the service signs with either; no other is taken."""
    accounts = {SubscriberId("1"): Account(enterprise=EnterpriseName("acme"), passwords=(b"old", "neu–🔑".encode()))}

    for password in ("old", "neu–🔑"):
        body = push(app_id="1", password=password)
        assert verify(delivered(body, "r-1"), accounts) == verified(body, subscriber_id="1")
    assert refusal(push(app_id="1", password="older"), accounts) == (Unverified, "signature")


def test_an_enterprise_without_a_password_is_nobodys() -> None:
    """No password is no proof, not an open door."""
    accounts = {SubscriberId("1"): Account(enterprise=EnterpriseName("acme"), passwords=())}

    assert refusal(push(app_id="1", password=""), accounts) == (Unverified, "signature")


def test_each_enterprise_has_its_own_passwords() -> None:
    """What one enterprise signs is its own, and another's never."""
    accounts = {
        SubscriberId("1"): Account(enterprise=EnterpriseName("acme"), passwords=(b"of acme",)),
        SubscriberId("2"): Account(enterprise=EnterpriseName("zenith"), passwords=(b"of zenith",)),
    }
    body = push(app_id="2", password="of zenith")

    assert verify(delivered(body, "r-1"), accounts) == verified(body, enterprise="zenith", subscriber_id="2")
    assert refusal(push(app_id="2", password="of acme"), accounts) == (Unverified, "signature")


@pytest.mark.parametrize(
    ("app_id", "timestamp", "nonce"),
    [
        pytest.param("12345678", "9177241320035", "185262798", id="a digit to the timestamp, one to the nonce"),
        pytest.param("1234567891", "7724132003518", "5262798", id="a digit to the appID, one to the timestamp"),
        pytest.param("123456789", "177241320035", "185262798", id="a digit to the nonce"),
    ],
)
def test_a_digit_that_moves_between_the_signed_parts_is_noticed(app_id: str, timestamp: str, nonce: str) -> None:
    """Nothing separates the signed parts, so these sign alike: the known appID and the 13 digits tell them apart."""
    good = push()
    moved = push(app_id=app_id, timestamp=timestamp, nonce=nonce)

    assert re.findall(rb"[0-9a-f]{64}", moved) == re.findall(rb"[0-9a-f]{64}", good)
    assert verify(delivered(good), ACCOUNTS).nonce == "85262798"
    assert refusal(moved)[0] is Unverified


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
event_infos = st.dictionaries(st.text(), json_values, max_size=5)


@st.composite
def respelt(draw: st.DrawFn) -> bytes:
    """Return a good push of which a few bytes were replaced, left out or put in."""
    body = bytearray(push())
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(body)))
        body[at : at + draw(st.integers(0, 3))] = draw(
            st.binary(max_size=3) | st.sampled_from([b'"', b"\\", b"{", b"}"])
        )
    return bytes(body)


def outcome(body: bytes) -> Verified | type[Refused]:
    """Return what became of a body."""
    try:
        return verify(delivered(body), ACCOUNTS)
    except Refused as refused:
        return type(refused)


@given(st.binary() | st.text().map(str.encode) | json_values.map(json.dumps).map(str.encode) | respelt())
@example(push())
def test_whatever_comes_is_refused_or_was_signed(body: bytes) -> None:
    """No other exception than ours, and nothing passes that the password's owner did not sign."""
    passed = outcome(body)

    if not isinstance(passed, Verified):
        assert passed in {Malformed, Unverified}
        return
    signature = json.loads(body.decode("utf-8", "surrogateescape"))["signature"]
    made = {
        sign(passed.subscriber_id, str(passed.sent_ms), passed.nonce, signed)
        for signed in (passed.event_info, without_space(passed.event_info))
    }
    assert (signature in made, passed.event_info in body) == (True, True)


@given(event_infos, st.data())
def test_white_space_outside_of_strings_changes_nothing(event_info: dict[str, object], data: st.DataObject) -> None:
    """However the body is laid out, what was signed compact is the service's own."""
    signed = json.dumps(event_info, separators=(",", ":"), ensure_ascii=data.draw(st.booleans())).encode(
        "utf-8", "surrogatepass"
    )
    spaces = st.text(" \t\r\n", max_size=3).map(str.encode)

    sent = laid_out(signed, data, spaces)

    assert verify(delivered(push(sent, signed=signed)), ACCOUNTS).event_info == sent.strip()


@given(st.integers(0, len(STARTED) - 1), st.integers(0, 255))
def test_a_changed_byte_of_the_event_is_noticed(at: int, byte: int) -> None:
    """Whichever byte of eventInfo is another one, the push is refused."""
    changed = STARTED[:at] + bytes([byte]) + STARTED[at + 1 :]
    if changed == STARTED:
        return

    assert refusal(push(changed, signed=STARTED))[0] in {Malformed, Unverified}


@given(event_infos, st.data())
def test_compact_takes_white_space_and_nothing_else(event_info: dict[str, object], data: st.DataObject) -> None:
    """What msgspec makes of it is what a plain walk over the strings makes of it."""
    spaced = laid_out(json.dumps(event_info).encode(), data, st.text(" \t\r\n", max_size=3).map(str.encode))

    assert compact(spaced) == without_space(spaced)


def without_space(text: bytes) -> bytes:
    """Return JSON without white space outside of strings, found by an expression."""
    return re.sub(rb'("[^"\\]*(?:\\.[^"\\]*)*")|[ \t\r\n]+', rb"\1", text, flags=re.DOTALL)


def laid_out(text: bytes, data: st.DataObject, spaces: st.SearchStrategy[bytes]) -> bytes:
    """Return JSON with white space drawn for each place where it may stand."""
    tokens = re.findall(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s"{}\[\],:]+', text, flags=re.DOTALL)
    return b"".join(token + data.draw(spaces) for token in tokens)


def makers(source: str) -> list[str]:
    """Return the calls in a module that make a Verified."""
    return [
        ast.unparse(node.func)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "Verified"
    ]


def test_only_verify_makes_a_verified() -> None:
    """That type is the proof: whoever holds one holds bytes that were checked."""
    sources = [
        path for folder in ("receiver", "consumers", "schemas", "deploy") for path in (ROOT / folder).rglob("*.py")
    ]

    found = {str(path.relative_to(ROOT)) for path in sources if makers(path.read_text())}

    assert found == {"receiver/verify.py"}


def test_a_second_maker_would_be_found() -> None:
    """The search above sees it under whatever it was imported as a module of."""
    assert makers("import receiver.verify as v\nx = v.Verified(body=b'')") == ["v.Verified"]


def test_repr_shows_no_content() -> None:
    """What can be in a stack trace says whose it is and how large, and no more."""
    body = push(b'{"marker":1}')
    passed = verify(delivered(body, "marker"), ACCOUNTS)

    assert repr(delivered(body, "marker")) == f"<Delivery of {len(body)} bytes>"
    assert repr(passed) == f"<Verified of acme, {len(body)} bytes>"
    assert repr(ACCOUNTS) == "{'123456789': <Account acme>}"
    assert PASSWORD not in repr((ACCOUNTS, passed))
