"""`Export`: the file of what a table shows, to its asker alone."""

from slack_bolt.async_app import AsyncApp


def register(app: AsyncApp) -> None:
    """Nothing yet."""
