"""What a bucket, its address or its credentials cannot do is said at the start, with the remedy."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import web
from aiohttp.test_utils import TestServer

from consumers.captions import stores
from consumers.captions.errors import Misconfigured, StoreUnavailable
from consumers.captions.stores import s3 as package
from consumers.captions.stores.opened import opened
from consumers.captions.stores.s3.asking import Asking
from consumers.captions.stores.s3.bucket import Bucket
from consumers.captions.stores.s3.client import make_client
from consumers.captions.stores.s3.store import S3Store
from schemas.settings import Captions

from ..consumers.captions.stores.contract import LARGE, listed
from .gateway import ACCESS, SECRET, Gateway
from .settings import settings


async def refused(given: Captions, address: str = "") -> str:
    """Return why a store is not opened."""
    with pytest.raises(Misconfigured) as refusal:
        async with opened(given, address or given.store):
            pass
    return str(refusal.value)


async def test_a_bucket_that_is_not_there_is_refused(s3: Gateway, tmp_path: Path) -> None:
    """Nobody makes it: it might get the wrong lock, or none."""
    assert await refused(settings(s3, tmp_path, store="s3://no-such-bucket/a")) == (
        "s3://no-such-bucket/a: the bucket is not there for us: 404; create it first, or look at captions.endpoint"
    )


async def test_credentials_that_are_not_good_are_refused(s3: Gateway, tmp_path: Path) -> None:
    """Without quoting them."""
    given = settings(s3, tmp_path, store=f"s3://{await s3.bucket(lock=False)}")
    (tmp_path / "credentials").write_text("stranger\nsecret\n")

    said = await refused(given)

    assert said.endswith(
        ": the bucket is not there for us: 403; look at captions.credentials_file, captions.region "
        "and what these credentials may do"
    )


async def test_a_bucket_without_lock_is_refused_where_one_is_wanted(s3: Gateway, tmp_path: Path) -> None:
    """Else evidence would lie there as if it were locked."""
    address = f"s3://{await s3.bucket(lock=False)}"

    said = await refused(settings(s3, tmp_path, store=address, object_lock="governance"))

    assert said == (
        f"{address}: the bucket has no Object Lock: create it with Object Lock enabled, "
        "or set captions.object_lock to off"
    )


async def test_versions_are_no_lock(s3: Gateway, tmp_path: Path) -> None:
    """A bucket may have the one without the other."""
    bucket = await s3.bucket(lock=False)
    s3.client().put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})

    said = await refused(settings(s3, tmp_path, store=f"s3://{bucket}", object_lock="governance"))

    assert "has no Object Lock" in said


async def test_a_lock_is_asked_for_where_the_archive_lies_alone(s3: Gateway, tmp_path: Path) -> None:
    """Keys and witnesses may be in buckets without one."""
    address = f"s3://{await s3.bucket(lock=False)}"
    given = settings(s3, tmp_path, store="s3://elsewhere", object_lock="governance", keys_store=address)

    async with opened(given, address) as store:
        assert await store.put("a", b"")


CREDENTIALS = {
    "one line": (b"access\n", "needs two lines, access key ID and secret access key"),
    "three": (b"a\nb\nc\n", "needs two lines, access key ID and secret access key"),
    "no text": (b"\xff\xfe", "not text"),
    "none": (None, "No such file or directory"),
}


@pytest.mark.parametrize(("content", "why"), CREDENTIALS.values(), ids=CREDENTIALS)
async def test_a_file_of_credentials_has_two_lines(tmp_path: Path, content: bytes | None, why: str) -> None:
    """What is in it is not quoted."""
    file = tmp_path / "credentials"
    if content is not None:
        file.write_bytes(content)

    said = await refused(Captions(store="s3://bucket", credentials_file=str(file)))

    assert said == f"captions.credentials_file: {file}: {why}"


async def test_credentials_of_the_environment_do(s3: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a file they are found as boto3 finds them."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    address = f"s3://{await s3.bucket(lock=False)}"

    async with opened(settings(s3, tmp_path, store=address, credentials_file=None), address) as store:
        assert await store.put("a", b"")


async def test_authorities_that_are_not_there_are_refused(s3: Gateway, tmp_path: Path) -> None:
    """boto3 would say so at the first request."""
    said = await refused(settings(s3, tmp_path, store="s3://bucket", ca_file="/nonexistent/ca.pem"))

    assert said == "captions.ca_file: /nonexistent/ca.pem: No such file or directory"


async def test_an_endpoint_that_is_none_is_refused(s3: Gateway, tmp_path: Path) -> None:
    """With what boto3 says."""
    said = await refused(settings(s3, tmp_path, store="s3://bucket", endpoint="not an address"))

    assert said.startswith("captions: no client for s3://bucket: Invalid endpoint")


@pytest.fixture
def imported_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the modules for S3 imported once more; afterwards the old ones are back."""
    monkeypatch.setattr(stores, "s3", package)
    for name in [name for name in sys.modules if name.startswith("consumers.captions.stores.s3")]:
        monkeypatch.delitem(sys.modules, name)


@pytest.mark.usefixtures("imported_anew")
async def test_s3_needs_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Said in one line, with what to install; a folder needs nothing."""
    monkeypatch.setitem(sys.modules, "boto3", None)

    assert (
        await refused(Captions(store="s3://bucket"))
        == "s3://bucket needs boto3: install what requirements/extras.txt lists"
    )


@pytest.mark.usefixtures("imported_anew")
async def test_a_module_of_ours_that_is_missing_is_no_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a bug, and shows itself."""
    monkeypatch.setitem(sys.modules, "consumers.captions.stores.s3.bucket", None)

    with pytest.raises(ModuleNotFoundError, match=r"stores\.s3\.bucket"):
        async with opened(Captions(), "s3://bucket"):
            pass


@pytest.fixture
async def secured(tmp_path: Path) -> AsyncIterator[tuple[Gateway, Path]]:
    """Give a server that speaks TLS, and the file of the authority behind it."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    issued = authority.issue_cert("127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "certificate.pem")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    certificate = (tmp_path / "certificate.pem", tmp_path / "key.pem")
    async with Gateway(tmp_path / "s3", certificate=certificate) as gateway:
        yield gateway, tmp_path / "ca.pem"


def certificates(file: Path) -> list[str]:
    """Return those in a file."""
    return file.read_text().split("-----BEGIN CERTIFICATE-----")[1:]


async def test_an_authority_of_ones_own_is_trusted(
    secured: tuple[Gateway, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the settings name it, besides all others, and not else: who answers at the address may be a stranger."""
    gateway, ca_file = secured
    given = settings(gateway, tmp_path, store="s3://bucket", ca_file=str(ca_file))
    client = await asyncio.to_thread(make_client, given, ca_file)
    client.create_bucket(Bucket="bucket")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    async with opened(given, given.store) as store:
        assert await store.put("a", b"")
        [bundle] = (tmp_path / "temporary").iterdir()
        assert set(certificates(bundle)) > set(certificates(ca_file))
    assert list((tmp_path / "temporary").iterdir()) == []
    doubtful = settings(gateway, tmp_path, store="s3://bucket", request_timeout_s=2.0)
    async with opened(doubtful, doubtful.store) as store:
        with pytest.raises(StoreUnavailable, match=r"^s3://bucket: SSLError within 2 s$"):
            await store.put("a", b"")


EXCUSES = {
    "HTML": "<html>please log in</html>",
    "half HTML": "<html>please<br>log in",
    "nothing": "",
    "JSON": '{"error": "please log in"}',
}


@pytest.mark.parametrize("excuse", EXCUSES.values(), ids=EXCUSES)
async def test_who_answers_in_the_stores_place_is_no_store(s3: Gateway, tmp_path: Path, excuse: str) -> None:
    """A proxy's page of excuse, with status 200: nothing is taken for stored, and nothing for not being there."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=excuse, content_type="text/html")

    app = web.Application(client_max_size=2**26)
    app.router.add_route("*", "/{any:.*}", answer)
    async with TestServer(app) as server:
        given = settings(s3, tmp_path, store="s3://bucket", endpoint=str(server.make_url("")), request_timeout_s=0.5)
        async with opened(given, given.store) as store:
            asked = [
                store.put("a", b"a"),
                store.put("b", LARGE),
                store.replace("a", b""),
                store.get("a"),
                listed(store),
            ]
            said = await asyncio.gather(*asked, return_exceptions=True)

    assert [type(one) for one in said] == [StoreUnavailable] * len(asked)


ENCRYPTIONS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "none": ({}, {}),
    "AES256": ({"encryption_at_store": "AES256"}, {"ServerSideEncryption": "AES256"}),
    "KMS": ({"encryption_at_store": "aws:kms"}, {"ServerSideEncryption": "aws:kms"}),
    "a key": (
        {"encryption_at_store": "aws:kms", "encryption_at_store_key": "alias/archive"},
        {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "alias/archive"},
    ),
}


@pytest.mark.parametrize(("given", "sent"), ENCRYPTIONS.values(), ids=ENCRYPTIONS)
def test_encryption_is_asked_for_with_each_object(given: dict[str, Any], sent: dict[str, str]) -> None:
    """As the settings say; the store's own default may be another."""
    bucket = Bucket.of(Captions(store="s3://bucket/a/b", **given), "s3://bucket/a/b")

    assert bucket.new("key") == {"Bucket": "bucket", "Key": "a/b/key", **sent}


async def test_encryption_reaches_the_store(s3: Gateway, tmp_path: Path) -> None:
    """In the headers of each request that makes an object: small, replaced, or in parts."""
    address = f"s3://{await s3.bucket(lock=False)}"
    given = settings(s3, tmp_path, store=address, encryption_at_store="AES256")
    client = await asyncio.to_thread(make_client, given)
    sent: list[tuple[str, str | None]] = []

    def look(request: Any, event_name: str, **_: object) -> None:
        if request.method in {"PUT", "POST"}:
            encryption = request.headers.get("x-amz-server-side-encryption")
            sent.append((event_name.rpartition(".")[2], encryption and encryption.decode()))

    client.meta.events.register("before-send.s3", look)
    store = S3Store(Asking(address, timeout_s=10), client, Bucket.of(given, address))
    await store.put("small", b"")
    await store.replace("small", b"")
    await store.put("large", LARGE)
    await store.close()

    assert set(sent) == {
        ("PutObject", "AES256"),
        ("CreateMultipartUpload", "AES256"),
        ("UploadPart", None),
        ("CompleteMultipartUpload", None),
    }


async def test_what_is_opened_to_be_read_is_not_written(s3: Gateway, tmp_path: Path) -> None:
    """The right to read is enough for it: nothing is asked of the bucket but what is in it."""
    bucket, user = await s3.bucket(lock=True), "auditor"
    await s3.user(user)
    s3.client().put_object(Bucket=bucket, Key="a", Body=b"there")
    allow = {"Effect": "Allow", "Principal": [user], "Action": ["s3:GetObject", "s3:ListBucket"]}
    where = {"Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]}
    policy = {"Version": "2012-10-17", "Statement": [allow | where]}
    s3.client().put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    given = settings(s3, tmp_path, store=f"s3://{bucket}", object_lock="governance")
    (tmp_path / "credentials").write_text(f"{user}\n{user}\n")

    async with opened(given, given.store, reading=True) as store:
        assert [await store.get("a"), await listed(store)] == [b"there", ["a"]]
        asked = [store.put("b", b""), store.replace("a", b""), store.delete("a"), store.hold("a", True)]
        said = await asyncio.gather(*asked, return_exceptions=True)

    assert [str(one) for one in said] == [f"s3://{bucket}: it was opened to be read"] * 4
