"""Lines to ask, tried with the grammar -> an intent, or a question back that offers lines that work."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bot import intents, names
from bot.intents.free.meant import Back, Meant, Option, Polite, Unclear
from bot.intents.intent import Help, Intent
from bot.intents.lines import describe
from bot.intents.misunderstood import NotUnderstood
from bot.intents.naming import listed
from bot.intents.vocabulary import Vocabulary
from bot.intents.words import echo
from prompts import files

_VALUE = re.compile(r'"([^"]+)"')
MOST = 4  #: lines offered at once
NAMED = 3  #: unknown words named at once
LABEL = 75  #: characters on a Slack button


@dataclass(frozen=True, slots=True)
class Ground:
    """What a question stands on: the values its asker may name, and the day the numbers are of."""

    vocabulary: Vocabulary
    today: date

    def intent(self, line: str) -> Intent:
        """What a line asks.

        Raises:
            NotUnderstood: as `intents.parse_line`.
        """
        return intents.parse_line(line, self.vocabulary, self.today)


def meant(
    lines: Iterable[str], ground: Ground, sentence: str = "choose", likely: Iterable[str] = ()
) -> Meant:
    """The intent of the one line that there is; of several, a question which; `likely` as in `refused`."""
    found = list(dict.fromkeys(lines))
    if len(found) > 1:
        return back(sentence, found, ground)
    try:
        return ground.intent(found[0])
    except NotUnderstood as error:
        return refused(error, ground, likely)


def refused(error: NotUnderstood, ground: Ground, likely: Iterable[str] = ()) -> Back:
    """The grammar's sentence and the lines it suggests, or examples.

    Args:
        likely: what is meant if what was refused does not matter: offered after a value that it may be.
    """
    mended = [line for line in error.suggestions if any(v in error.sentence for v in _VALUE.findall(line))]
    lines = [*mended, *likely, *error.suggestions]
    return Back(error.sentence, offered(lines, ground) or examples("examples", ground))


def unclear(unknown: Sequence[str], ground: Ground) -> Unclear:
    """Not understood; the words that nobody knows are named."""
    words = listed([echo(word) for word in unknown[:NAMED]], "or")
    sentence = files.free_text()["sentences"]["unknown"].format(words=words) if words else ""
    chosen = "examples" if any(ground.vocabulary.values()) else "no_deals_examples"
    return Unclear(sentence, examples(chosen, ground))


def back(sentence: str, lines: Iterable[str], ground: Ground, unknown: Sequence[str] = ()) -> Back:
    """A question back, by the name of its sentence, with those of the lines that work.

    When none does: what the grammar says of the first, or examples when there is none. Unknown words are
    named.
    """
    wanted = list(lines)
    said = unclear(unknown, ground).sentence or files.free_text()["sentences"][sentence]
    if options := offered(wanted, ground):
        return Back(said, options)
    if wanted and isinstance(tried := meant(wanted[:1], ground), Back):
        return tried
    return Back(said, examples("examples", ground))


def polite(code: str, ground: Ground) -> Polite:
    """A greeting or a limit, with lines that work."""
    chosen = "people_examples" if code == "people" else "examples"
    return Polite(code, examples(chosen, ground))


def examples(name: str, ground: Ground) -> tuple[Option, ...]:
    """Lines that work in any data."""
    return offered(files.free_text()[name], ground)


def offered(lines: Iterable[str], ground: Ground) -> tuple[Option, ...]:
    """Up to four of the lines, each once and with its words; what does not work is left out, or mended."""
    tried = (line for written in lines for line in _working(written, ground))
    return tuple((label(line), line) for line in list(dict.fromkeys(tried))[:MOST])


def label(line: str) -> str:
    """What a button says of a line.

    >>> label('/winrate region where region = "EMEA" 2024-Q2')
    'Win rate: region, region = EMEA 2024-Q2'
    """
    command, _, rest = line.partition(" ")
    name = files.free_text()["labels"].get(command.removeprefix("/"), command)
    rest = rest.replace(" where ", ", ").replace("where ", "").replace('"', "")
    return names.clean(f"{name}: {rest}" if rest else name, LABEL)


def _working(line: str, ground: Ground) -> Iterator[str]:
    """The line as it is described, if it works; each of its readings, if it has several."""
    try:
        yield describe(ground.intent(line))
    except intents.Ambiguous as error:
        found = (ground.intent(reading) for reading in error.suggestions)
        yield from (describe(intent) for intent in found if not isinstance(intent, Help))
    except NotUnderstood:
        return
