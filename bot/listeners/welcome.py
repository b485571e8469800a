"""The first message to a person, by their role."""

from slack_bolt.async_app import AsyncApp


def register(app: AsyncApp) -> None:
    """Nothing yet."""
