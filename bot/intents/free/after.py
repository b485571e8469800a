"""What was heard after an answer, with the question of that answer."""

from dataclasses import dataclass, replace

from bot.intents.free import asking
from bot.intents.free.asking import Ground
from bot.intents.free.hearing import Heard
from bot.intents.free.meant import Meant
from bot.intents.intent import Intent


@dataclass(frozen=True, slots=True)
class After:
    """What was heard after an answer, and what that answer was asked with."""

    heard: Heard
    line: str
    last: Intent
    ground: Ground

    @property
    def seen_from(self) -> Ground:
        """The ground of the last answer: relative periods are relative to its day."""
        return replace(self.ground, today=getattr(self.last, "as_of", None) or self.ground.today)

    def back(self, sentence: str, *lines: str) -> Meant:
        """A question back."""
        return asking.back(sentence, lines, self.ground)
