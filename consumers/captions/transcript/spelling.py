"""Texts that can be written down. Pure."""


def is_spellable(text: str) -> bool:
    """Return whether every character of a text is one: no surrogate stands alone."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def spellable(text: str) -> str:
    """Return a text with what is no character, a surrogate alone, replaced by U+FFFD: no file could hold it."""
    return text if is_spellable(text) else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
