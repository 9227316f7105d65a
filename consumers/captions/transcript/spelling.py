"""Texts that can be written down. Pure."""


def spellable(text: str) -> str:
    """Return a text with what is no character, a surrogate alone, replaced by U+FFFD: no file could hold it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
