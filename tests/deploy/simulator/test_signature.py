"""The formula, against the one message whose signature the reference prints and that reproduces."""

from __future__ import annotations

from deploy.simulator import sign


def test_printed_example_reproduces() -> None:
    """What we sign, the service signs alike ("Meeting Event Push", verify request, with the example's password)."""
    event_info = b'{"event":"meeting.verify","timestamp":1629183619116}'

    signature = sign("1988692299", 1629183619116, "85262798", event_info, b"123456")

    assert signature == "262ccb5f8854f824c41ea5854ba1798bfa850706fbc85b2be9fd7535ed6b8ff3"
