"""See that a bucket can do what the settings ask of it, before anything is stored in it."""

from typing import TYPE_CHECKING

from ...errors import Misconfigured
from .asking import Asking, Said
from .bucket import Bucket
from .faults import Fault

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_NO_LOCK = "create it with Object Lock enabled, or set captions.object_lock to off"


async def check(asking: Asking, client: "S3Client", bucket: Bucket) -> bool:
    """Return whether `bucket` keeps versions.

    Raises Misconfigured where it cannot do what is asked, with the remedy, and StoreUnavailable.
    """
    await _look(asking, client, bucket)
    versioned = await _is_versioned(asking, client, bucket)
    if bucket.lock is not None and not (versioned and await _locks(asking, client, bucket)):
        raise Misconfigured(f"{asking.address}: the bucket has no Object Lock: {_NO_LOCK}")
    return versioned


async def _look(asking: Asking, client: "S3Client", bucket: Bucket) -> None:
    try:
        await asking.ask(lambda: client.head_bucket(Bucket=bucket.name), Fault.NO_BUCKET, Fault.MISSING, Fault.REFUSED)
    except Said as said:
        if said.fault is Fault.REFUSED:
            remedy = "look at captions.credentials_file, captions.region and what these credentials may do"
        else:
            remedy = "create it first, or look at captions.endpoint"
        raise Misconfigured(f"{asking.address}: the bucket is not there for us: {said.reason}; {remedy}") from said


async def _is_versioned(asking: Asking, client: "S3Client", bucket: Bucket) -> bool:
    answer = await asking.ask(lambda: client.get_bucket_versioning(Bucket=bucket.name))
    # Suspended: there may be versions of before.
    return "Status" in answer


async def _locks(asking: Asking, client: "S3Client", bucket: Bucket) -> bool:
    # 404 ObjectLockConfigurationNotFoundError says no.
    try:
        answer = await asking.ask(
            lambda: client.get_object_lock_configuration(Bucket=bucket.name), Fault.MISSING, Fault.LOST
        )
    except Said:
        return False
    return answer.get("ObjectLockConfiguration", {}).get("ObjectLockEnabled") == "Enabled"
