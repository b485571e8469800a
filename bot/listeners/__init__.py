"""What people do in Slack, one module per kind: commands and actions. Each says `register(app)`."""

from slack_bolt.async_app import AsyncApp

from bot.listeners import actions, commands


def register(app: AsyncApp) -> None:
    """Put every listener on the app; commands first, since Bolt tries them in this order."""
    commands.register(app)
    actions.register(app)
