"""Look at what lies in a bucket from outside, and try to get rid of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from botocore.exceptions import ClientError

from consumers.captions.errors import StoreUnavailable

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_T = TypeVar("_T")


def refusal(call: Callable[..., Any], **what: Any) -> str:
    """Return the code with which the server refuses a call."""
    with pytest.raises(ClientError) as refused:
        call(**what)
    return refused.value.response["Error"]["Code"]


def versions(client: S3Client, bucket: str, key: str = "") -> list[tuple[str, str]]:
    """Return key and version of everything there, hidden or not."""
    page = client.list_object_versions(Bucket=bucket, Prefix=key)
    return [(one["Key"], one["VersionId"]) for one in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]]


def lock_of(client: S3Client, bucket: str, key: str) -> tuple[str | None, datetime | None]:
    """Return mode and end of a lock, as the server says it."""
    head = client.head_object(Bucket=bucket, Key=key)
    return head.get("ObjectLockMode"), head.get("ObjectLockRetainUntilDate")


async def eventually(ask: Callable[[], Awaitable[_T]], timeout_s: float = 60.0) -> _T:
    """Return what is asked for once the store is there again: a server that has just begun may be slow."""
    async with asyncio.timeout(timeout_s):
        while True:
            with contextlib.suppress(StoreUnavailable):
                return await ask()


async def until(is_so: Callable[[], bool], timeout_s: float = 60.0) -> None:
    """Return once it is so; for what a foreign process does and nothing tells."""
    async with asyncio.timeout(timeout_s):
        while not await asyncio.to_thread(is_so):  # noqa: ASYNC110 -- a foreign process tells nobody
            await asyncio.sleep(0.02)
