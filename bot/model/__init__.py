"""The language model, as two questions: `stream` text in a schema, `choose` among tools.

`model` takes each call through the limits: `turns` (one at a time for a person), `ledger` (budgets of
tokens), `breaker` (rest after faults), a deadline. `profiles` writes the request as the server understands
it, `wire` sends it: with `patience` and `faults` the only room that knows openai. `heard` reads what comes
back without trusting its shape, `spending` counts what it cost. `calls` names who asks and why nothing came.
Nothing here knows facts or Slack.
"""

from bot.model.calls import Asker, Call, Choice, Surface, Unavailable
from bot.model.model import Model, of

__all__ = ["Asker", "Call", "Choice", "Model", "Surface", "Unavailable", "of"]
