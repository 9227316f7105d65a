"""`meetwire archive verify`, `public-key`, `disclose`: nothing here writes to the archive but for what is disclosed."""

import asyncio
import contextlib
from argparse import Namespace
from pathlib import Path

import msgspec

from consumers.captions.archive import sealing
from consumers.captions.errors import Misconfigured
from consumers.captions.handover.checking import Checked, check
from consumers.captions.handover.packing import read
from consumers.captions.proof.key import SigningKey
from consumers.captions.proof.verify import Finding, Report, verify
from consumers.captions.stores.opened import opened as opened_store
from consumers.tail.text import safe
from schemas.settings import Captions

from . import printing


def needs_no_settings(arguments: Namespace) -> bool:
    """Say whether a command works on what it is given alone: a copy on a folder, or a package."""
    return arguments.what == "verify" and bool(arguments.package or (arguments.store or "").startswith("file:"))


async def verify_archive(settings: Captions, arguments: Namespace) -> int:
    """Check the archive of the settings, a copy of it, or a package."""
    _refuse_unheeded(arguments)
    key = None if arguments.public_key is None else await asyncio.to_thread(arguments.public_key.read_text)
    if arguments.package is not None:
        return await _verify_package(arguments, key)
    if key is None:
        key = await _own_key(settings, arguments)
    address = arguments.store or settings.store
    against = None if arguments.against is None else await asyncio.to_thread(arguments.against.read_bytes)
    async with contextlib.AsyncExitStack() as stack:
        store = await stack.enter_async_context(opened_store(settings, address, reading=True))
        # Of a sealed meeting a cue is found with the master key alone; all the rest needs none.
        seals = None if arguments.cue is None else await stack.enter_async_context(sealing(settings, existing=True))
        report = await verify(
            store, key, occurrence=arguments.occurrence, cue=arguments.cue, against=against, seals=seals
        )
    if arguments.json:
        printing.as_json({"good": report.good, **msgspec.to_builtins(report)})
    else:
        _print_report(report, address)
    return 0 if report.good else 1


def _refuse_unheeded(arguments: Namespace) -> None:
    """Refuse what would be passed over, and taken for proven."""
    if arguments.cue is not None and arguments.occurrence is None:
        raise Misconfigured("--cue needs --occurrence: cues are numbered by meeting")
    unheeded = [name for name in ("store", "occurrence", "cue", "against") if getattr(arguments, name) is not None]
    if arguments.package is not None and unheeded:
        raise Misconfigured(f"--{unheeded[0]} does not go with --package, which is checked on its own")


async def public_key(settings: Captions, arguments: Namespace) -> int:
    """Print the verifier key."""
    del arguments
    print(await _key_of(settings))
    return 0


async def _verify_package(arguments: Namespace, key: str | None) -> int:
    files = await asyncio.to_thread(read, arguments.package)
    checked = await asyncio.to_thread(check, files, key)
    if arguments.json:
        printing.as_json({"good": checked.good, **msgspec.to_builtins(checked)})
    else:
        _print_checked(checked, arguments.package)
    return 0 if checked.good else 1


async def _own_key(settings: Captions, arguments: Namespace) -> str:
    """Return the key of the machine that signs: it is trusted here, as the one in a copy is not."""
    if arguments.store:
        raise Misconfigured("--store needs --public-key: a copy's own key proves nothing")
    return await _key_of(settings)


async def _key_of(settings: Captions) -> str:
    path = await asyncio.to_thread(Path(settings.signing_key_file).absolute)
    if not await asyncio.to_thread(path.exists):
        raise Misconfigured(f"signing_key_file {path}: there is none here; give --public-key")
    key = await asyncio.to_thread(SigningKey.load, path)
    return str(key.verifier(settings.name))


def _print_report(report: Report, address: str) -> None:
    _print_findings(report.findings)
    print(f"{address}: {_verdict(report.good)}; {report.meetings} meetings, {report.files} files")
    print(
        f"  {report.records} records, {report.erased} of them erased; {report.entries} entries, {report.signed} signed"
    )
    if report.compared is not None:
        print(f"  compared with a checkpoint over {report.compared} entries")
    for proof in report.proofs:
        print(f"{safe(proof.event_id)}: {proof.segment} line {proof.line}, leaf {proof.leaf}")
        print(f"  leaf {proof.index} of {proof.records} under {proof.root}, {proof.manifest}")
        print(f"  entry {proof.entry} of {proof.ledger_size} under {proof.ledger_root}, {proof.checkpoint}")


def _print_checked(checked: Checked, path: Path) -> None:
    _print_findings(checked.findings)
    if not checked.key_given:
        print("checked with the key in the package: that shows damage, not who signed; give --public-key")
    print(f"{path}: {_verdict(checked.good)}; occurrence {safe(checked.occurrence)} version {checked.version}")
    print(f"  {checked.lines} records, {checked.hidden} of them not shown; {checked.ledger_size} entries in the ledger")
    print(f"  {checked.backed} of {checked.cues} cues stand word for word in records that are shown")


def _verdict(good: bool) -> str:
    return "good" if good else "NOT GOOD"


def _print_findings(findings: list[Finding]) -> None:
    for one in findings:
        where = one.file if one.line is None else f"{one.file} line {one.line}"
        leaf = "" if one.leaf is None else f" leaf {one.leaf}"
        print(f"{one.level}: {one.what}: {safe(where)}{leaf}: {safe(one.says)}")
        for occurrence in one.occurrences:
            print(f"  occurrence {safe(occurrence)}")
