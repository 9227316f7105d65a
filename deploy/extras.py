"""Tell a package that was left out of the installation from a module of ours that is broken.

meetwire is on no index: `pip install meetwire[…]` would bring a stranger's package of that name. So what is said names
the lock beside the source, which has the hashes too.
"""

from typing import Final

# What [captions], an archive on S3 and [dashboard] need besides.
_EXTRAS: Final = frozenset({"argon2", "boto3", "botocore", "cryptography", "pyarrow"})


def extra_for(error: ModuleNotFoundError) -> str | None:
    """Return what to install, in words; None: nothing that could be installed is missing, it is a fault of ours."""
    package = (error.name or "").partition(".")[0]
    return missing(package) if package in _EXTRAS else None


def missing(package: str) -> str:
    """Say that a package is not installed, and how to get it."""
    return f"{package} is missing: install what requirements/extras.txt lists (README, Installing)"
