"""A secret that does not fit is refused like any other setting, and is in no message."""

from pathlib import Path

import pytest

from .refusal import folder, refusal

__all__ = ["folder"]

pytestmark = pytest.mark.usefixtures("folder")


@pytest.mark.parametrize(
    ("secret", "message"),
    [
        pytest.param(
            "",
            "meetwire.toml:1: enterprises[0]: needs callback_passwords or callback_passwords_file: "
            "without one nothing can be verified",
            id="none",
        ),
        pytest.param(
            "callback_passwords = []",
            "meetwire.toml:1: enterprises[0]: needs callback_passwords or callback_passwords_file: "
            "without one nothing can be verified",
            id="an empty list",
        ),
        pytest.param(
            'callback_passwords = ["good", ""]',
            "meetwire.toml:4: enterprises[0].callback_passwords[1]: must be text in quotes, not empty",
            id="an empty one",
        ),
        pytest.param(
            "callback_passwords = [42]",
            "meetwire.toml:4: enterprises[0].callback_passwords[0]: must be text in quotes, not empty",
            id="a number",
        ),
        pytest.param(
            'callback_passwords = "marker-secret"',
            "meetwire.toml:4: enterprises[0].callback_passwords: must be a list, each text in quotes, not empty",
            id="no list",
        ),
        pytest.param(
            'callback_passwords = ["marker-secret"]\ncallback_passwords_file = "passwords"',
            "meetwire.toml:4: enterprises[0].callback_passwords: "
            "callback_passwords and callback_passwords_file: one of the two",
            id="given both ways",
        ),
        pytest.param(
            'callback_pasword = "marker-secret"\ncallback_passwords = ["marker-secret"]',
            "meetwire.toml:4: enterprises[0].callback_pasword: no such setting; did you mean callback_passwords?",
            id="under a mistyped name",
        ),
        pytest.param(
            'callback_passwords_file = "nowhere"',
            "meetwire.toml:4: enterprises[0].callback_passwords_file: "
            "nowhere: cannot be read: No such file or directory",
            id="a file that there is not",
        ),
        pytest.param(
            "callback_passwords_file = 1",
            "meetwire.toml:4: enterprises[0].callback_passwords_file: must be text",
            id="a file without a name",
        ),
    ],
)
def test_a_password_that_does_not_fit_is_told_and_not_shown(secret: str, message: str) -> None:
    """A fault around a secret is told like any other; the secret is not in the message."""
    told = refusal(f'[[enterprises]]\nname = "acme"\nsubscriber_id = "1"\n{secret}')

    assert told == message
    assert "marker" not in told


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        pytest.param(
            "",
            "meetwire.toml:4: enterprises[0].app: needs keys or keys_file: without one nothing can be signed",
            id="none",
        ),
        pytest.param(
            'keys = "marker-secret"',
            "meetwire.toml:6: enterprises[0].app.keys: must be a list, each text in quotes, not empty",
            id="no list",
        ),
        pytest.param(
            'keys = ["marker-secret", ""]',
            "meetwire.toml:6: enterprises[0].app.keys[1]: must be text in quotes, not empty",
            id="an empty one",
        ),
        pytest.param(
            'keys = ["marker-secret"]\nkeys_file = "keys"',
            "meetwire.toml:6: enterprises[0].app.keys: keys and keys_file: one of the two",
            id="given both ways",
        ),
        pytest.param(
            'keys_file = "nowhere"',
            "meetwire.toml:6: enterprises[0].app.keys_file: nowhere: cannot be read: No such file or directory",
            id="a file that there is not",
        ),
    ],
)
def test_an_app_key_that_does_not_fit_is_told_and_not_shown(keys: str, message: str) -> None:
    """In a table inside an array of tables, the same."""
    told = refusal(f'[[enterprises]]\nname = "acme"\nsubscriber_id = "1"\n[enterprises.app]\nid = "app-1"\n{keys}')

    assert told == message
    assert "marker" not in told


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "passwords: holds no secret", id="empty"),
        pytest.param(b"\n  \n", "passwords: holds no secret", id="blank"),
        pytest.param(b"\xff\xfe", "passwords: is not UTF-8 text", id="not text"),
        pytest.param(b"one\ntwo\n", "passwords: must hold one line, has 2", id="two where one fits"),
    ],
)
def test_a_secret_file_that_does_not_fit_is_told(content: bytes, message: str) -> None:
    """What a secret file lacks is told with the file's name, never with what it holds."""
    Path("passwords").write_bytes(content)

    told = refusal('[kafka]\nservers = ["k:1"]\npassword_file = "passwords"')

    assert told == f"meetwire.toml:3: kafka.password_file: {message}"
