"""How an answer is told: code renders every sentence, a language model chooses among them.

`registry` lists what the model may refer to, with handles for names; `blocks` reads what it streams, block
by block; `teller` turns each block into a line or refuses it. A sentence of its own passes only if it is
provably free of numbers, names, directions, causes and statements (`lint`, `taken`); what it chose is checked
once more.
`telling` asks the model, keeps good choices in the `cache`, and tells the template's words where the model
is out of reach.
"""

from bot.narrator.telling.cache import Cache
from bot.narrator.telling.lint import lint
from bot.narrator.telling.registry import Mode, Registry, registry
from bot.narrator.telling.taken import taken
from bot.narrator.telling.teller import Line
from bot.narrator.telling.telling import Outcome, Speaker, Telling

__all__ = ["Cache", "Line", "Mode", "Outcome", "Registry", "Speaker", "Telling", "lint", "registry", "taken"]
