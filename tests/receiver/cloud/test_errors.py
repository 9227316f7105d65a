"""What an answer means, and what an error says of itself."""

from __future__ import annotations

import pytest

from receiver.cloud import (
    Again,
    BadRequest,
    ClockSkew,
    CloudError,
    Faulty,
    Final,
    Forbidden,
    NotFound,
    Throttled,
    Unauthenticated,
    Unreachable,
)
from receiver.cloud.errors import meaning, plain_code

ROWS = [
    (400, None, BadRequest),
    (400, "MMC.111070001", BadRequest),
    (400, "MMC.111072065", NotFound),
    (401, "USG.000000004", Unauthenticated),
    (401, None, Unauthenticated),
    (403, "USG.201010001", Forbidden),
    (404, None, NotFound),
    (405, None, BadRequest),
    (407, None, Unreachable),
    (408, None, Faulty),
    (412, None, Forbidden),
    (423, None, Forbidden),
    (429, None, Throttled),
    (499, None, BadRequest),
    (500, "USG.000000004", Faulty),
    (500, "MMC.111072065", NotFound),
    (502, None, Faulty),
    (503, None, Faulty),
    (302, None, Faulty),
    (600, None, Faulty),
]


@pytest.mark.parametrize(("status", "code", "kind"), ROWS)
def test_each_answer_has_its_meaning(status: int, code: str | None, kind: type[CloudError]) -> None:
    """One function says it, by status and code."""
    assert meaning(status, code) is kind


def test_the_tree_says_whether_to_ask_again() -> None:
    """Every error is one of the two."""
    final = {NotFound, Forbidden, BadRequest, Unauthenticated, ClockSkew}
    again = {Unreachable, Throttled, Faulty}

    assert {kind for kind in final | again if issubclass(kind, Final)} == final
    assert {kind for kind in final | again if issubclass(kind, Again)} == again
    assert issubclass(ClockSkew, Unauthenticated)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (NotFound(status=400, code="MMC.111072065"), "NotFound (400, MMC.111072065)"),
        (Forbidden(status=403), "Forbidden (403)"),
        (Faulty(), "Faulty"),
        (Throttled(status=429, retry_after_s=3), "Throttled (429)"),
        (Unreachable("connect"), "Unreachable: no connection"),
        (Unreachable("dns"), "Unreachable: its name is not known"),
        (Unreachable("tls"), "Unreachable: its certificate is not trusted"),
        (Unreachable("timeout"), "Unreachable: no answer in time"),
        (Unreachable("proxy", status=407), "Unreachable (407): the proxy refuses or does not answer"),
        (Unauthenticated(status=401, ahead_s=900), "Unauthenticated (401)"),
        (
            ClockSkew(status=401, ahead_s=301.4),
            "ClockSkew (401): this machine's clock is 301 s ahead of the service's; set it right",
        ),
        (
            ClockSkew(status=401, code="USG.1", ahead_s=-3_600),
            "ClockSkew (401, USG.1): this machine's clock is 3600 s behind the service's; set it right",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_error_says_what_it_is(error: CloudError, words: str) -> None:
    """Kind, status and code, and what an operator can do something about; never what the service wrote."""
    assert str(error) == words


@pytest.mark.parametrize(
    ("code", "plain"),
    [
        ("MMC.111072065", "MMC.111072065"),
        ("USG.000000004", "USG.000000004"),
        ("Wang Xiaoming", None),
        ("MMC.1 Wang", None),
        ("MMC." + "1" * 17, None),
        (111072065, None),
        (None, None),
    ],
)
def test_only_a_code_is_taken_for_one(code: object, plain: str | None) -> None:
    """Anything else may be content, and errors are logged."""
    assert plain_code(code) == plain
