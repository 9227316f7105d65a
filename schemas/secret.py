"""A secret of the settings: its type is what masks it, so that masking never rests on a guess from a name."""


class Secret:
    """A password or key. Its text is had by `reveal` alone; everything else prints stars."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text, for the one who signs or logs in with it."""
        return self._text

    def __repr__(self) -> str:
        """Show that there is one."""
        return "********"

    def __eq__(self, other: object) -> bool:
        """Compare by text."""
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        """Hash by text."""
        return hash(self._text)
