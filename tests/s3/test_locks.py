"""With Object Lock it is the server that refuses, whoever asks; what may go nevertheless goes for good."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from consumers.captions.errors import Locked, Missing, StoreUnavailable
from consumers.captions.stores import Keep
from consumers.captions.stores.opened import opened

from ..consumers.captions.stores.contract import LARGE, listed
from .gateway import Gateway
from .locked import lock_of, refusal, until, versions
from .settings import settings

KEY_FILE = "/nonexistent/master.key"  # read by who seals; the store asks only whether there is one


def later(hours: float = 1) -> datetime:
    """Return an instant in whole seconds, as S3 keeps it."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(hours=hours)


async def test_the_server_keeps_what_compliance_locks(s3: Gateway, tmp_path: Path) -> None:
    """Deletion, shortening and a weaker mode are refused to the server's own account, and to us."""
    client, bucket, end = s3.client(), await s3.bucket(lock=True), later()
    address = f"s3://{bucket}"
    given = settings(s3, tmp_path, store=address, object_lock="compliance", encryption_key_file=KEY_FILE)
    async with opened(given, address) as store:
        await store.put("a", b"evidence", keep=Keep(until=end))

        with pytest.raises(Locked, match=r"^a: AccessDenied \(403\)$"):
            await store.delete("a")

        [(_, version)] = versions(client, bucket)
        the_version = {"Bucket": bucket, "Key": "a", "VersionId": version}
        sooner = {"Mode": "COMPLIANCE", "RetainUntilDate": end - timedelta(minutes=30)}
        weaker = {"Mode": "GOVERNANCE", "RetainUntilDate": end}
        assert {
            "delete": refusal(client.delete_object, **the_version),
            "bypass": refusal(client.delete_object, **the_version, BypassGovernanceRetention=True),
            "shorten": refusal(client.put_object_retention, **the_version, Retention=sooner),
            "weaken": refusal(
                client.put_object_retention, **the_version, Retention=weaker, BypassGovernanceRetention=True
            ),
        } == dict.fromkeys(("delete", "bypass", "shorten", "weaken"), "AccessDenied")
        assert lock_of(client, bucket, "a") == ("COMPLIANCE", end)
        assert await store.get("a") == b"evidence"


async def test_what_compliance_locks_is_not_replaced(s3: Gateway, tmp_path: Path) -> None:
    """Nothing is written above it either."""
    client, bucket = s3.client(), await s3.bucket(lock=True)
    address = f"s3://{bucket}"
    given = settings(s3, tmp_path, store=address, object_lock="compliance", encryption_key_file=KEY_FILE)
    async with opened(given, address) as store:
        await store.put("a", b"evidence", keep=Keep(until=later()))

        with pytest.raises(Locked, match=r"^a: compliance until 20"):
            await store.replace("a", b"other")

        assert await store.get("a") == b"evidence"
        assert len(versions(client, bucket)) == 1


async def test_what_was_hidden_is_there_again(s3: Gateway, tmp_path: Path) -> None:
    """A plain deletion by somebody else hides a locked object: to delete it takes that mark away, no more."""
    client, bucket = s3.client(), await s3.bucket(lock=True)
    address = f"s3://{bucket}"
    given = settings(s3, tmp_path, store=address, object_lock="compliance", encryption_key_file=KEY_FILE)
    async with opened(given, address) as store:
        await store.put("a", b"evidence", keep=Keep(until=later()))
        client.delete_object(Bucket=bucket, Key="a")
        with pytest.raises(Missing):
            await store.get("a")

        with pytest.raises(Locked):
            await store.delete("a")

        assert await store.get("a") == b"evidence"


async def test_a_large_object_is_locked_like_a_small_one(s3: Gateway, tmp_path: Path) -> None:
    """In parts or not, by its own retention: a bucket's default is nothing that could be read back from an object."""
    client, bucket, end = s3.client(), await s3.bucket(lock=True), later()
    address = f"s3://{bucket}/deep"
    file = tmp_path / "spooled"
    file.write_bytes(LARGE)
    async with opened(settings(s3, tmp_path, store=address, object_lock="governance"), address) as store:
        await store.put("small", b"s", keep=Keep(until=end))
        await store.put_file("large", file, keep=Keep(until=end))

    locks = {key: lock_of(client, bucket, f"deep/{key}") for key in ("small", "large")}
    assert locks == {"small": ("GOVERNANCE", end), "large": ("GOVERNANCE", end)}


async def test_what_nobody_gives_a_time_is_locked_for_the_archives(s3: Gateway, tmp_path: Path) -> None:
    """A ledger's entry, say: for as long as anything is kept. What is replaced again and again is not."""
    client, bucket = s3.client(), await s3.bucket(lock=True)
    address = f"s3://{bucket}"
    given = settings(s3, tmp_path, store=address, object_lock="governance", retention_days=10)
    async with opened(given, address) as store:
        await store.put("entry", b"")
        await store.replace("standing", b"")

    mode, end = lock_of(client, bucket, "entry")
    assert mode == "GOVERNANCE"
    assert end is not None
    assert timedelta(days=9.9) < end - datetime.now(UTC) < timedelta(days=10.1)
    assert lock_of(client, bucket, "standing") == (None, None)


async def test_nothing_is_locked_for_longer_than_it_is_kept(s3: Gateway, tmp_path: Path) -> None:
    """By a record of a receiver whose clock was years ahead: under compliance nobody could take that back."""
    client, bucket = s3.client(), await s3.bucket(lock=True)
    address = f"s3://{bucket}"
    given = settings(s3, tmp_path, store=address, object_lock="governance", retention_days=10)
    async with opened(given, address) as store:
        await store.put("a", b"evidence", keep=Keep(until=later(24 * 365 * 100)))

    _, end = lock_of(client, bucket, "a")
    assert end is not None
    assert timedelta(days=9.9) < end - datetime.now(UTC) < timedelta(days=10.1)


async def test_what_comes_after_its_time_is_not_locked(s3: Gateway, tmp_path: Path) -> None:
    """The server would refuse a time that has passed; the object is stored nevertheless."""
    client, bucket = s3.client(), await s3.bucket(lock=True)
    address = f"s3://{bucket}"
    async with opened(settings(s3, tmp_path, store=address, object_lock="governance"), address) as store:
        assert await store.put("a", b"late", keep=Keep(until=later(-1)))

    assert lock_of(client, bucket, "a") == (None, None)


async def test_governance_lets_go_who_has_the_right(s3: Gateway, tmp_path: Path) -> None:
    """A lawful erasure leaves no version behind, and what replaces a line's segment is locked as that was."""
    client, bucket, end = s3.client(), await s3.bucket(lock=True), later()
    address = f"s3://{bucket}"
    async with opened(settings(s3, tmp_path, store=address, object_lock="governance"), address) as store:
        await store.put("a", b"words", keep=Keep(until=end))
        await store.put("b", b"words", keep=Keep(until=end))

        await store.replace("a", b"no words")
        await store.delete("b")

        assert [key for key, _ in versions(client, bucket)] == ["a"]
        assert await store.get("a") == b"no words"
        assert lock_of(client, bucket, "a") == ("GOVERNANCE", end)


async def test_governance_stays_firm_with_who_has_not(s3: Gateway, tmp_path: Path) -> None:
    """An account that may do everything else gets Locked, and says so."""
    bucket, user = await s3.bucket(lock=True), "archivist"
    await s3.user(user)
    allow = {"Effect": "Allow", "Principal": [user], "Action": "s3:*"}
    deny = {"Effect": "Deny", "Principal": [user], "Action": "s3:BypassGovernanceRetention"}
    where = {"Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]}
    policy = {"Version": "2012-10-17", "Statement": [allow | where, deny | {"Resource": where["Resource"][1:]}]}
    s3.client().put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    address = f"s3://{bucket}"
    given = settings(s3, tmp_path, store=address, object_lock="governance")
    (tmp_path / "credentials").write_text(f"{user}\n{user}\n")
    async with opened(given, address) as store:
        await store.put("a", b"words", keep=Keep(until=later()))

        with pytest.raises(Locked, match=r"^a: AccessDenied \(403\)$"):
            await store.delete("a")

        assert await store.get("a") == b"words"


async def test_many_versions_go(s3: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many pages of them there are; what lies deeper under the same letters stays."""
    monkeypatch.setattr("consumers.captions.stores.s3.versions._PAGE", 3)
    client, bucket = s3.client(), await s3.bucket(lock=True)
    for number in range(8):
        client.put_object(Bucket=bucket, Key="a", Body=b"%d" % number)
    client.put_object(Bucket=bucket, Key="ab", Body=b"other")
    address = f"s3://{bucket}"
    async with opened(settings(s3, tmp_path, store=address), address) as store:
        await store.replace("a", b"last")
        assert [key for key, _ in versions(client, bucket)] == ["a", "ab"]

        await store.delete("a")

    assert [key for key, _ in versions(client, bucket)] == ["ab"]


async def test_who_may_not_delete_is_told_so(s3: Gateway, tmp_path: Path) -> None:
    """In a bucket without versions too; what he may not do at all is said at once, and not tried for long."""
    bucket, user = await s3.bucket(lock=False), "clerk"
    await s3.user(user)
    s3.client().put_object(Bucket=bucket, Key="a", Body=b"")
    rights = ["s3:GetObject", "s3:ListBucket", "s3:GetBucketVersioning"]
    allow = {"Effect": "Allow", "Principal": [user], "Action": rights}
    where = {"Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]}
    s3.client().put_bucket_policy(
        Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [allow | where]})
    )
    address = f"s3://{bucket}"
    given = settings(s3, tmp_path, store=address, request_timeout_s=600.0)
    (tmp_path / "credentials").write_text(f"{user}\n{user}\n")
    async with opened(given, address) as store:
        with pytest.raises(Locked, match=r"^a: AccessDenied \(403\)$"):
            await store.delete("a")
        with pytest.raises(StoreUnavailable, match=r": AccessDenied \(403\)$"):
            await store.put("b", b"")


async def test_a_legal_hold_beats_the_end_of_retention(s3: Gateway, tmp_path: Path) -> None:
    """The server keeps what is held, locked in time or not, until the hold is lifted."""
    client, bucket = s3.client(), await s3.bucket(lock=True)
    address = f"s3://{bucket}"
    async with opened(settings(s3, tmp_path, store=address, object_lock="governance"), address) as store:
        await store.put("a", b"held", keep=Keep(until=later(-1)))
        await store.hold("a", True)
        [(_, version)] = versions(client, bucket)

        with pytest.raises(Locked, match=r"^a: AccessDenied \(403\)$"):
            await store.delete("a")
        with pytest.raises(Locked, match=r"^a: legal hold$"):
            await store.replace("a", b"other")
        assert refusal(client.delete_object, Bucket=bucket, Key="a", VersionId=version) == "AccessDenied"

        await store.hold("a", False)
        await store.delete("a")
        assert versions(client, bucket) == []


async def test_keys_are_never_locked(s3: Gateway, tmp_path: Path) -> None:
    """They lie in another bucket, and can be erased whatever the archive's own lock is."""
    client, archive, keys = s3.client(), await s3.bucket(lock=True), await s3.bucket(lock=True)
    given = settings(
        s3,
        tmp_path,
        store=f"s3://{archive}",
        keys_store=f"s3://{keys}",
        object_lock="compliance",
        encryption_key_file=KEY_FILE,
    )
    async with opened(given, given.keys_store) as store:
        await store.put("keys/1", b"wrapped", keep=Keep(until=later()))
        await store.replace("keys/1", b"less")
        [(_, first)] = versions(client, keys)
        await store.delete("keys/1")

    assert first
    assert versions(client, keys) == []


async def test_locks_outlive_the_server(own_s3: Gateway, tmp_path: Path) -> None:
    """Killed and started again, it refuses as before."""
    bucket, end = await own_s3.bucket(lock=True), later()
    address = f"s3://{bucket}"
    given = settings(own_s3, tmp_path, store=address, object_lock="compliance", encryption_key_file=KEY_FILE)
    async with opened(given, address) as store:
        await store.put("a", b"evidence", keep=Keep(until=end))
        await store.put("b", b"held")
        await store.hold("b", True)

        await own_s3.kill()
        await own_s3.start()

        for key in ("a", "b"):
            with pytest.raises(Locked):
                await store.delete(key)
        assert await listed(store) == ["a", "b"]
        assert lock_of(own_s3.client(), bucket, "a") == ("COMPLIANCE", end)


async def test_a_lock_ends(s3: Gateway, tmp_path: Path) -> None:
    """What is due can be deleted, by the server's own clock."""
    client, bucket = s3.client(), await s3.bucket(lock=True)
    address = f"s3://{bucket}"
    given = settings(s3, tmp_path, store=address, object_lock="compliance", encryption_key_file=KEY_FILE)
    async with opened(given, address) as store:
        end = datetime.now(UTC) + timedelta(seconds=5)
        await store.put("a", b"evidence", keep=Keep(until=end))
        with pytest.raises(Locked):
            await store.delete("a")

        await until(lambda: datetime.now(UTC) > end + timedelta(seconds=1))
        await store.delete("a")

    assert versions(client, bucket) == []
