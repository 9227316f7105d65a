"""A version of a meeting while it is being verified."""

from schemas.archive.manifest import Manifest

from ..merkle import Frontier
from .plan import Version


class Meeting:
    """Its manifest, which is what the ledger vouches for, and the leaves of its evidence as they come."""

    def __init__(self, version: Version, manifest: Manifest) -> None:
        self.version, self.manifest = version, manifest
        self.tree = Frontier()

    @property
    def occurrence(self) -> str:
        """Which meeting it is."""
        return self.manifest.occurrence

    @property
    def folder(self) -> str:
        """Where its files lie, with the slash at its end."""
        return self.version.kept.manifest.removesuffix("manifest.json")
