"""The language model, as two questions: `stream` text in a schema, `choose` among tools.

`model` keeps the limits (deadline, turns, breaker, budgets), `wire` is the only room that knows openai,
`profiles` what a server understands, `spending` what a call cost. Nothing here knows facts or Slack.
"""

from bot.model.calls import Asker, Call, Choice, Surface, Unavailable
from bot.model.model import Model, of

__all__ = ["Asker", "Call", "Choice", "Model", "Surface", "Unavailable", "of"]
