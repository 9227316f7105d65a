"""[captions]: the archive. Refuses places for keys and words that come with every copy of the store."""

import re
from os.path import normpath
from pathlib import PurePath
from typing import Annotated, Final, Literal

import msgspec

from ..base import Settings
from .values import Days, Seconds

StoreAddress = Annotated[
    str,
    msgspec.Meta(pattern=r"^(file:.+|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?)$", description="file:… or s3://…"),
]
KeepRule = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^(enterprise|meeting|scheduler|subject):.+$",
        description="enterprise:…, meeting:…, scheduler:… or subject:…, with * and ?",
    ),
]


class Captions(Settings, frozen=True, kw_only=True):
    """The captions archive. Without this table: none."""

    store: StoreAddress = "file:data/archive"
    """A folder, or a bucket of S3-compatible storage with a prefix."""
    name: Annotated[
        str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9._/-]{0,100}$", description="lower-case letters, digits, . _ / -")
    ] = "meetwire-archive"
    """Stands in every checkpoint: choose one that is nobody else's, such as archive.example.com/captions."""
    spool_folder: str = "data/archive-spool"
    """What is not in the store yet. Durable too: on a disk that stays."""
    spool_bytes: Annotated[int, msgspec.Meta(ge=1_048_576)] = 10_737_418_240
    """While the store is away: how large the spool may grow before nothing more is read."""
    index_file: str = "data/archive-index.sqlite"
    """For searching; derived, made anew where it is missing. It holds the words: as secret as the archive."""
    signing_key_file: str = "data/archive.key"
    """Made at the first start."""
    witness: tuple[str, ...] = ()
    """Where checkpoints are copied to: file:…, s3://…, https://…; out of the reach of who runs this machine."""
    keep: Literal["all", "none"] | tuple[KeepRule, ...] = "all"
    """Which meetings are kept; a rule that fits is enough."""
    leave: tuple[KeepRule, ...] = ()
    """Which are not, whatever `keep` says."""
    retention_days: Days = 2555
    """Seven years, as SEC 17a-4 has it for broker-dealers' communications at the longest; then erased."""
    encryption_key_file: str | None = None
    """A master key: 32 bytes in base64. With it every line and file is sealed under a data key of its meeting."""
    keys_store: StoreAddress = "file:data/archive-keys"
    """Where wrapped data keys lie; never in a bucket that is locked."""
    segment_s: Annotated[float, msgspec.Meta(ge=1, le=86_400)] = 300.0
    """A segment of evidence spans no more, by the records' times. After a crash so much is read once more."""
    segment_bytes: Annotated[int, msgspec.Meta(ge=65_536, le=1_073_741_824)] = 67_108_864
    close_after_s: Annotated[float, msgspec.Meta(ge=0, le=86_400)] = 60.0
    """How long after a meeting's end its files are written: late captions are in them."""
    silent_after_h: Annotated[float, msgspec.Meta(gt=0, le=24 * 31)] = 12.0
    """A meeting of which nothing has come for so long is taken for over."""
    endpoint: str | None = None
    """Of S3-compatible storage, https://…; none: AWS."""
    region: str = "us-east-1"
    credentials_file: str | None = None
    """Two lines: access key ID, secret access key. None: as boto3 finds them."""
    ca_file: str | None = None
    encryption_at_store: Literal["none", "AES256", "aws:kms"] = "none"
    encryption_at_store_key: str | None = None
    object_lock: Literal["off", "governance", "compliance"] = "off"
    """Let the store refuse deletion until retention is over."""
    request_timeout_s: Seconds = 30.0

    def __post_init__(self) -> None:
        """Check what goes together. Raises ValueError."""
        remote = self.store.startswith("s3://")
        if self.keep == ():
            raise ValueError('keep = [] keeps nothing: say keep = "none" if that is meant, or name rules')
        if self.object_lock != "off" and not remote:
            raise ValueError("object_lock needs a store s3://…: a folder cannot refuse")
        if self.object_lock == "compliance" and self.encryption_key_file is None:
            raise ValueError(
                "object_lock compliance needs encryption_key_file: nothing can be deleted there, "
                "so a lawful erasure is possible only by erasing keys"
            )
        if self.object_lock != "off" and _same_bucket(self.store, self.keys_store):
            raise ValueError("keys_store must be outside the locked bucket: keys must be erasable")
        if self.encryption_at_store_key is not None and self.encryption_at_store != "aws:kms":
            raise ValueError('encryption_at_store_key needs encryption_at_store = "aws:kms"')
        for witness in self.witness:
            if _WITNESS.match(witness) is None:
                raise ValueError("witness: each must be file:…, s3://… or https://…")
        if not remote:
            self._refuse_within(self.store)

    def _refuse_within(self, store: str) -> None:
        """Refuse what must not come with every copy of the store's folder: keys and words; and a witness in it."""
        places = [
            ("spool_folder", self.spool_folder),
            ("index_file", self.index_file),
            ("signing_key_file", self.signing_key_file),
            ("encryption_key_file", self.encryption_key_file or ""),
            *(("keys_store", place) for place in (self.keys_store,) if place.startswith("file:")),
            *(("witness", place) for place in self.witness if place.startswith("file:")),
        ]
        folder = _path(store)
        for name, place in places:
            if place and _path(place).is_relative_to(folder):
                raise ValueError(f"{name} must not be within the store {store}: whoever gets a copy would get it too")


_WITNESS: Final = re.compile(r"file:.|s3://|https://|http://127\.0\.0\.1(?::[0-9]+)?(?:/|\Z)")


def _path(place: str) -> PurePath:
    return PurePath(normpath(place.removeprefix("file:")))


def _same_bucket(one: str, other: str) -> bool:
    return one.startswith("s3://") and one.split("/")[:3] == other.split("/")[:3]
