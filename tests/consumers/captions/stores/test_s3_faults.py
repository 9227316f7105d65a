"""Every answer of S3, and every failure on the way, has one meaning."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    FlexibleChecksumError,
    IncompleteReadError,
    NoCredentialsError,
    ReadTimeoutError,
    ResponseStreamingError,
)

from consumers.captions.stores.s3.faults import Fault, fault, reason

URL: dict[str, Any] = {"endpoint_url": "http://127.0.0.1"}


def answer(code: str, status: int) -> ClientError:
    """Return S3's answer, with a text that nobody may log."""
    return ClientError(
        {
            "Error": {"Code": code, "Message": "words"},
            "ResponseMetadata": {
                "HTTPStatusCode": status,
                "RequestId": "",
                "HostId": "",
                "HTTPHeaders": {},
                "RetryAttempts": 0,
            },
        },
        "PutObject",
    )


ANSWERS = {
    ("NoSuchKey", 404): Fault.MISSING,
    ("404", 404): Fault.MISSING,  # HEAD has no body to say more in
    ("NoSuchBucket", 404): Fault.NO_BUCKET,
    ("NoSuchUpload", 404): Fault.NO_UPLOAD,
    ("PreconditionFailed", 412): Fault.TAKEN,
    ("412", 412): Fault.TAKEN,
    ("ConditionalRequestConflict", 409): Fault.AGAIN,
    ("InvalidRange", 416): Fault.BEYOND,
    ("AccessDenied", 403): Fault.REFUSED,
    ("InvalidRequest", 400): Fault.REFUSED,
    ("403", 403): Fault.REFUSED,
    ("SignatureDoesNotMatch", 403): Fault.LOST,
    ("RequestTimeTooSkewed", 403): Fault.LOST,
    ("BadDigest", 400): Fault.AGAIN,
    ("RequestTimeout", 400): Fault.AGAIN,
    ("SlowDown", 503): Fault.AGAIN,
    ("InternalError", 500): Fault.AGAIN,
    # S3 may say so in the body of a 200 (reference of CompleteMultipartUpload); botocore makes a 500 of it.
    ("InternalError", 200): Fault.AGAIN,
    ("TooManyRequests", 429): Fault.AGAIN,
    ("NotImplemented", 501): Fault.LOST,
    ("PermanentRedirect", 301): Fault.LOST,
    ("", 0): Fault.LOST,
}


@pytest.mark.parametrize(("said", "meaning"), ANSWERS.items(), ids=[f"{c or '-'} {s}" for c, s in ANSWERS])
def test_an_answer_has_one_meaning(said: tuple[str, int], meaning: Fault) -> None:
    """By its code; by its status where there is none."""
    assert fault(answer(*said)) is meaning


FAILURES: list[tuple[BotoCoreError, Fault]] = [
    (EndpointConnectionError(**URL), Fault.AGAIN),
    (ConnectTimeoutError(**URL), Fault.AGAIN),
    (ReadTimeoutError(**URL), Fault.AGAIN),
    (ConnectionClosedError(**URL), Fault.AGAIN),
    (ResponseStreamingError(error="reset"), Fault.AGAIN),
    (IncompleteReadError(actual_bytes=1, expected_bytes=2), Fault.AGAIN),
    (FlexibleChecksumError(error_msg="damaged"), Fault.AGAIN),
    (NoCredentialsError(), Fault.LOST),
]


@pytest.mark.parametrize(("failure", "meaning"), FAILURES, ids=lambda one: type(one).__name__)
def test_a_failure_on_the_way_is_tried_again(failure: BotoCoreError, meaning: Fault) -> None:
    """What no other try would change is not."""
    assert fault(failure) is meaning


def test_a_reason_has_no_words_of_the_answer() -> None:
    """A key may name a person's meeting; a message may quote what was sent."""
    assert reason(answer("AccessDenied", 403)) == "AccessDenied (403)"
    assert reason(EndpointConnectionError(**URL)) == "EndpointConnectionError"
