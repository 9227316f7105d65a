"""Make the client of boto3 as the settings say. Blocking: it reads files, and what boto3 looks for."""

import contextlib
import functools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.httpsession import get_cert_path
from botocore.loaders import Loader, create_loader
from botocore.session import Session

from schemas.settings import Captions

from ...errors import Misconfigured
from .asking import MOST

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


def make_client(settings: Captions, authorities: Path | None = None) -> "S3Client":
    """Return a client, which has asked nobody yet, and trusts `authorities`, else whom boto3 trusts.

    Raises Misconfigured.
    """
    key, secret = _credentials(settings.credentials_file)
    try:
        return boto3.session.Session(
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            region_name=settings.region,
            botocore_session=_session(),
        ).client(
            "s3",
            endpoint_url=settings.endpoint,
            verify=None if authorities is None else str(authorities),
            config=_config(settings),
        )
    except (BotoCoreError, ValueError) as error:
        raise Misconfigured(f"captions: no client for {settings.store}: {error}") from error


@functools.cache
def _descriptions() -> Loader:
    """Return what reads botocore's descriptions of S3, and remembers them: each store opens a client of its own."""
    return create_loader()


def _session() -> Session:
    session = Session()
    session.register_component("data_loader", _descriptions())
    return session


def _config(settings: Captions) -> Config:
    # A try has half the time, so that there is another; how often and when is ours to say.
    timeout_s = settings.request_timeout_s / 2
    return Config(
        connect_timeout=min(timeout_s, 5),
        read_timeout=timeout_s,
        retries={"total_max_attempts": 1},
        max_pool_connections=MOST,
        # Other servers than AWS rarely have a name for each bucket.
        s3={"addressing_style": "path" if settings.endpoint else "auto"},
        # Each object goes with its SHA-256. More is computed only where S3 insists.
        request_checksum_calculation="when_required",
        user_agent_extra="meetwire",
    )


@contextlib.contextmanager
def bundle(settings: Captions) -> Iterator[Path | None]:
    """Yield a file with `ca_file` and whom boto3 trusts: it takes the one or the other; None: there is no ca_file.

    It has to be there as long as the client is used, and is gone after. Raises Misconfigured.
    """
    if settings.ca_file is None:
        yield None
        return
    try:
        own = Path(settings.ca_file).read_bytes()
    except OSError as error:
        raise Misconfigured(f"captions.ca_file: {settings.ca_file}: {error.strerror}") from None
    handle, name = tempfile.mkstemp(prefix="meetwire-", suffix=".pem")
    try:
        with open(handle, "wb") as file:
            file.write(Path(str(get_cert_path(True))).read_bytes() + b"\n" + own)
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _credentials(file: str | None) -> tuple[str, str] | tuple[None, None]:
    if file is None:
        return None, None
    try:
        lines = Path(file).read_text().split()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise Misconfigured(f"captions.credentials_file: {file}: {reason}") from None
    if len(lines) == 2:
        return lines[0], lines[1]
    raise Misconfigured(f"captions.credentials_file: {file}: needs two lines, access key ID and secret access key")
