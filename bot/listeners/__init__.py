"""What people do in Slack, one module per kind: commands, actions, messages, the agent's tab.

Each says `register(app)`.
"""

from slack_bolt.async_app import AsyncApp

from bot.listeners import (
    actions,
    agent,
    alerts,
    commands,
    evidence,
    export,
    home,
    messages,
    review,
    rules,
    setup,
    share,
    welcome,
)


def register(app: AsyncApp) -> None:
    """Put every listener on the app; commands first, since Bolt tries them in this order."""
    commands.register(app)
    actions.register(app)
    evidence.register(app)
    for one in (alerts, review, rules, home, share, export, setup, welcome):
        one.register(app)
    messages.register(app)
    agent.register(app)
