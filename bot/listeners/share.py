"""`Share...` under an answer: a modal that says who would read it, then the message."""

from slack_bolt.async_app import AsyncApp


def register(app: AsyncApp) -> None:
    """Nothing yet."""
