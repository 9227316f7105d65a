"""A bucket of somebody else's is a witness like a folder, and keeps what it has even from its own account."""

from __future__ import annotations

from pathlib import Path

import structlog

from consumers.captions.stores.folder import open_folder
from consumers.captions.witness.copying import witnessing
from deploy.meters import PrometheusMeters
from schemas.settings import Captions

from ..consumers.captions.witness.notes import NAME, note, signed
from ..receiver.lines import lines_caught
from .gateway import Gateway
from .locked import refusal
from .settings import settings


async def test_a_bucket_is_a_witness(s3: Gateway, tmp_path: Path) -> None:
    """It gets each checkpoint, and says when the ledger has forgotten one; its own retention keeps them there."""
    client, bucket = s3.client(), await s3.bucket(lock=True)
    client.put_object_lock_configuration(
        Bucket=bucket,
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}},
        },
    )
    given: Captions = settings(s3, tmp_path, name=NAME, witness=(f"s3://{bucket}/checkpoints",))
    with lines_caught() as lines:
        async with open_folder(f"file:{tmp_path}/archive") as own:
            await signed(own, 3, 5)
            async with witnessing(given, own, meters=PrometheusMeters(), logger=structlog.get_logger()) as copy:
                for size in (3, 5):
                    await copy(note(size))
                    await lines.said("witness.copied", entries=size)
            await own.delete("ledger/checkpoints/000000000005")
            async with witnessing(given, own, meters=PrometheusMeters(), logger=structlog.get_logger()) as copy:
                await copy(note(3))
                await lines.said("witness.contradicted")

    page = client.list_object_versions(Bucket=bucket)
    kept = {one["Key"]: one["VersionId"] for one in page["Versions"]}
    assert list(kept) == [f"checkpoints/{NAME}/{size:012d}" for size in (3, 5)]
    refused = {
        refusal(client.delete_object, Bucket=bucket, Key=key, VersionId=version, BypassGovernanceRetention=True)
        for key, version in kept.items()
    }
    assert refused == {"AccessDenied"}
