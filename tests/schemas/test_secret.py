"""A secret shows its text to whoever asks for it by name, and to nobody else."""

from schemas.settings import Secret


def test_a_secret_is_revealed_on_request_alone() -> None:
    """Every way of printing gives stars; `reveal` gives the text."""
    secret = Secret("marker")

    assert secret.reveal() == "marker"
    assert [str(secret), repr(secret), f"{secret}", f"{secret!r}", f"{[secret]}"] == ["********"] * 4 + ["[********]"]


def test_secrets_are_the_same_by_their_text() -> None:
    """Whether a reload changed one can be asked without revealing it."""
    assert {Secret("a"), Secret("a"), Secret("b")} == {Secret("b"), Secret("a")}
    assert Secret("a") != "a"
