"""One prefix of one bucket: the words in which it is asked, and what a new object in it is given. No I/O."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Self

import msgspec

from schemas.settings import Captions

from .. import Keep

Mode = Literal["GOVERNANCE", "COMPLIANCE"]


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """Where the objects lie, and how."""

    name: str
    prefix: str
    """Empty, or with a slash at its end."""
    lock: Mode | None
    lock_days: float
    """How long what is put is locked where nobody says."""
    encryption: dict[str, str]
    """What asks the store to encrypt; sent with each object."""

    @classmethod
    def of(cls, settings: Captions, address: str) -> Self:
        """Return what the settings say of `address`, s3://…; objects are locked in the archive's own store alone."""
        name, _, prefix = address.removeprefix("s3://").partition("/")
        locked = settings.object_lock if address == settings.store else "off"
        lock: dict[str, Mode] = {"governance": "GOVERNANCE", "compliance": "COMPLIANCE"}
        prefix = prefix.strip("/")
        return cls(
            name=name,
            prefix=prefix and f"{prefix}/",
            lock=lock.get(locked),
            lock_days=settings.retention_days,
            encryption=_encryption(settings),
        )

    def place(self, key: str) -> dict[str, Any]:
        """Return what every call names."""
        return {"Bucket": self.name, "Key": self.prefix + key}

    def new(self, key: str) -> dict[str, Any]:
        """Return what every new object is given: its place, and its encryption."""
        return {**self.place(key), **self.encryption}

    def kept(self, keep: Keep | None) -> dict[str, Any]:
        """Return what locks an object that is put: as it says, else for as long as the archive keeps anything.

        So ledger, tombstones and access log are no less locked than what they speak of. Nor longer than that: a record
        of a receiver whose clock had jumped ahead would be locked for ever, and nobody could take that back.
        """
        latest = datetime.now(UTC) + timedelta(days=self.lock_days)
        return self.locked(latest if keep is None else min(keep.until, latest))

    def locked(self, until: datetime | None) -> dict[str, Any]:
        """Return what locks a new object until then."""
        # S3 refuses a time that has passed: what comes so late is not locked any more.
        if self.lock is None or until is None or until <= datetime.now(UTC):
            return {}
        return {"ObjectLockMode": self.lock, "ObjectLockRetainUntilDate": until}

    def why_locked(self, head: Mapping[str, Any]) -> str:
        """Return what locks the object of which a HEAD says `head`; empty: nothing that a right could not lift."""
        if head.get("ObjectLockLegalHoldStatus") == "ON":
            return "legal hold"
        until = head.get("ObjectLockRetainUntilDate")
        if until is not None and until > datetime.now(UTC) and head.get("ObjectLockMode") == "COMPLIANCE":
            return f"compliance until {until:%Y-%m-%dT%H:%M:%SZ}"
        return ""

    def removal(self) -> dict[str, Any]:
        """Return what a deletion says besides.

        Under governance who has the right may delete before the time, and says so: a lawful erasure has to.
        """
        return {"BypassGovernanceRetention": True} if self.lock == "GOVERNANCE" else {}


def _encryption(settings: Captions) -> dict[str, str]:
    if settings.encryption_at_store == "none":
        return {}
    asked: dict[str, str] = {"ServerSideEncryption": settings.encryption_at_store}
    if settings.encryption_at_store_key is not None:
        asked["SSEKMSKeyId"] = settings.encryption_at_store_key
    return asked
