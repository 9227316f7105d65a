"""Say what an answer or a failure of S3 means. Pure.

Codes as the page "Error responses" of the Amazon S3 API reference has them; where S3-compatible servers differ from
it, it is said beside the code.
"""

import enum

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
)
from botocore.exceptions import ConnectionError as NotConnected


class Fault(enum.Enum):
    """What follows."""

    AGAIN = enum.auto()
    """Try again."""
    MISSING = enum.auto()
    """There is no such key."""
    TAKEN = enum.auto()
    """There is something under the key that was to be new."""
    BEYOND = enum.auto()
    """The range begins after the end."""
    REFUSED = enum.auto()
    """The store will not. Of a deletion: the object is locked."""
    NO_BUCKET = enum.auto()
    """There is no such bucket."""
    NO_UPLOAD = enum.auto()
    """The upload of parts is over: aborted, or complete."""
    LOST = enum.auto()
    """Anything else: no other try would end differently."""


_BY_CODE = {
    "NoSuchKey": Fault.MISSING,
    "NoSuchVersion": Fault.MISSING,
    "PreconditionFailed": Fault.TAKEN,
    # Another put of the key is under way: the next try will see how that ended.
    "ConditionalRequestConflict": Fault.AGAIN,
    "OperationAborted": Fault.AGAIN,
    "InvalidRange": Fault.BEYOND,
    "NoSuchBucket": Fault.NO_BUCKET,
    "NoSuchUpload": Fault.NO_UPLOAD,
    # Damaged on its way.
    "BadDigest": Fault.AGAIN,
    "XAmzContentChecksumMismatch": Fault.AGAIN,
    "IncompleteBody": Fault.AGAIN,
    "RequestTimeout": Fault.AGAIN,
    # May come in the body of a 200 (reference of CompleteMultipartUpload).
    "InternalError": Fault.AGAIN,
    "SlowDown": Fault.AGAIN,
    # Of what is locked AWS and versitygw say the first, MinIO the second.
    "AccessDenied": Fault.REFUSED,
    "InvalidRequest": Fault.REFUSED,
    # That it does not know who asks says nothing about the object: it is no lock.
    "InvalidAccessKeyId": Fault.LOST,
    "SignatureDoesNotMatch": Fault.LOST,
    "ExpiredToken": Fault.LOST,
    "InvalidToken": Fault.LOST,
    "RequestTimeTooSkewed": Fault.LOST,
}
_BY_STATUS = {404: Fault.MISSING, 412: Fault.TAKEN, 416: Fault.BEYOND, 403: Fault.REFUSED, 429: Fault.AGAIN}
_ON_THE_WAY = (NotConnected, HTTPClientError, IncompleteReadError, FlexibleChecksumError)


def fault(error: BotoCoreError | ClientError) -> Fault:
    """Return what follows from `error`."""
    if isinstance(error, ClientError):
        return _answered(error)
    return Fault.AGAIN if isinstance(error, _ON_THE_WAY) else Fault.LOST


def reason(error: BotoCoreError | ClientError) -> str:
    """Return what is wrong in a word or two, without what was asked for: `AccessDenied (403)`, `NoCredentialsError`."""
    if isinstance(error, ClientError):
        said, status = code(error), _status(error)
        return f"{said} ({status})" if said != str(status) else said
    return type(error).__name__


def code(error: ClientError) -> str:
    """Return the code of an answer; of one without a body, to HEAD, it is the status."""
    return error.response.get("Error", {}).get("Code", "")


def _answered(error: ClientError) -> Fault:
    status = _status(error)
    known = _BY_CODE.get(code(error)) or _BY_STATUS.get(status)
    return known or (Fault.AGAIN if status >= 500 and status != 501 else Fault.LOST)


def _status(error: ClientError) -> int:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
