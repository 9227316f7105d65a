"""What stands against a start, said with the name of the setting that asks for it. Blocking.

`check_files` reads what listeners and connections read later: at each start, and before secrets are taken on SIGHUP.
`check_whole` also asks what the consumers beside the receiver would refuse to begin with: `meetwire config check`.
"""

import contextlib
import os
import socket
import sqlite3
import ssl
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from schemas.kafka import connection
from schemas.settings import Captions, Dashboard, Qos, Root, Webhook
from schemas.tls import load_certificate

from .extras import missing
from .qos_rules import SHIPPED, load_rules
from .settings import SettingsError

_S3: Final = "s3://"


class CannotStart(Exception):
    """What the settings ask for is not to be had here. The message names the setting and says what is wrong."""


def check_files(root: Root) -> None:
    """Raise CannotStart where a certificate, a key or an authority cannot be read, or they do not go together."""
    _check_certificate("webhook", root.webhook)
    if root.dashboard is not None:
        _check_certificate("dashboard", root.dashboard)
    if root.kafka is not None:
        try:
            connection(root.kafka)
        except ValueError as error:
            raise CannotStart(str(error)) from None
    for enterprise in root.enterprises:
        if enterprise.app is not None:
            _check_authorities("enterprises.app.ca_file", enterprise.app.ca_file)


def check_whole(root: Root) -> None:
    """Raise CannotStart where `standalone` would not start with all that the settings ask for, as far as files tell."""
    check_files(root)
    if root.captions is not None:
        _check_captions(root.captions)
    if root.qos is not None:
        _check_qos(root.qos)
    if root.dashboard is not None:
        _check_packages("[dashboard]", "argon2")


@contextlib.contextmanager
def naming(setting: str, value: str) -> Iterator[None]:
    """Name the setting in whose file or folder something is wrong."""
    try:
        yield
    except ssl.SSLError as error:
        reason = (error.reason or "no certificate").replace("_", " ").lower()
        raise CannotStart(f"{setting} {value}: {reason}") from None
    except OSError as error:
        raise CannotStart(f"{setting} {value}: {error.strerror}") from None
    except sqlite3.Error as error:
        raise CannotStart(f"{setting} {value}: {error}") from None


@contextlib.contextmanager
def naming_address(setting: str, address: str) -> Iterator[None]:
    """Name the setting whose address cannot be had; errors of files pass."""
    try:
        yield
    except socket.gaierror as error:
        raise CannotStart(f"{setting} {address}: {error.strerror}") from None
    except OSError as error:
        if error.filename is not None or error.errno is None:
            raise
        # Event loops put words of their own around the system's.
        raise CannotStart(f"{setting} {address}: {os.strerror(error.errno)}") from None


def _check_certificate(table: str, settings: Webhook | Dashboard) -> None:
    if settings.tls_certificate_file is None or settings.tls_key_file is None:
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        load_certificate(context, f"{table}.tls_", settings.tls_certificate_file, settings.tls_key_file)
    except ValueError as error:
        raise CannotStart(str(error)) from None


def _check_authorities(setting: str, path: str | None) -> None:
    if path is not None:
        with naming(setting, path):
            ssl.create_default_context().load_verify_locations(path)


def _check_captions(settings: Captions) -> None:
    remote = any(place.startswith(_S3) for place in (settings.store, settings.keys_store, *settings.witness))
    _check_packages("[captions]", "cryptography", "pyarrow", *(("boto3",) if remote else ()))
    if settings.encryption_key_file is not None:
        _check_master_keys(Path(settings.encryption_key_file))
    if settings.credentials_file is not None:
        with naming("captions.credentials_file", settings.credentials_file):
            Path(settings.credentials_file).read_bytes()
    _check_authorities("captions.ca_file", settings.ca_file)


def _check_master_keys(path: Path) -> None:
    # What it is built on is an extra.
    from consumers.captions.errors import Misconfigured
    from consumers.captions.life.master import MasterKeys

    try:
        MasterKeys.load(path)
    except Misconfigured as error:
        raise CannotStart(f"captions.{error}") from None


def _check_qos(settings: Qos) -> None:
    try:
        load_rules(SHIPPED if settings.rules_file is None else Path(settings.rules_file))
    except SettingsError as error:
        raise CannotStart(f"qos.rules_file: {error}") from None
    for channel in settings.notify:
        _check_authorities(f"qos.notify.ca_file of {channel.name}", channel.ca_file)


def _check_packages(table: str, *packages: str) -> None:
    for package in packages:
        if find_spec(package) is None:
            raise CannotStart(f"{table}: {missing(package)}")
