"""The public edge: HTTP in, the answer table of the README out, and nothing in between but the pipeline."""

from .listener import Listener, opened

__all__ = ["Listener", "opened"]
