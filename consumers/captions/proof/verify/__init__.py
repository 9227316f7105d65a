"""Check an archive, or a copy of one, with its public key alone: say what is not as it was signed, and where.

Nothing is written, and no key is needed that opens anything. What counts as wrong, and what is a lawful state, is in
report.py.
"""

from .report import CueProof, Finding, Report
from .whole import verify

__all__ = ["CueProof", "Finding", "Report", "verify"]
