"""Tell a package that was left out of the installation from a module of ours that is broken."""

from typing import Final

# Each with the extra that brings it.
_EXTRAS: Final = {
    "argon2": "dashboard",
    "cryptography": "captions",
    "pyarrow": "captions",
    "boto3": "s3",
    "botocore": "s3",
}


def extra_for(error: ModuleNotFoundError) -> str | None:
    """Return what to install, in words; None: nothing that could be installed is missing, it is a fault of ours."""
    missing = (error.name or "").partition(".")[0]
    extra = _EXTRAS.get(missing)
    return None if extra is None else f"{missing} is missing; install meetwire[{extra}]"
