"""The buttons of `/coach setup`."""

from slack_bolt.async_app import AsyncApp


def register(app: AsyncApp) -> None:
    """Nothing yet."""
