"""Lines to ask, tried with the grammar -> an intent, or a question back that offers lines that work."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot import intents, names
from bot.intents.free.meant import ANYBODY, Back, Meant, Option, Polite, Reader, Unclear
from bot.intents.intent import Help, Intent
from bot.intents.lines import describe
from bot.intents.misunderstood import BadDay, NotUnderstood, UnknownWord
from bot.intents.naming import listed
from bot.intents.vocabulary import Vocabulary
from bot.intents.words import echo
from prompts import files

_VALUE = re.compile(r'"([^"]+)"')
_LOOKS_BACK = re.compile(r"/(?:winrate|funnel)\b")
MOST = 4  #: lines offered at once
NAMED = 3  #: unknown words named at once
LABEL = 75  #: characters on a Slack button


@dataclass(frozen=True, slots=True)
class Ground:
    """What a question stands on: the values its asker may name, the day the numbers are of, who asks."""

    vocabulary: Vocabulary
    today: date
    reader: Reader = ANYBODY

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
    except BadDay as error:
        ahead = _LOOKS_BACK.sub("/pipeline", found[0])
        return refused(error, ground, [*likely, *([ahead] if ahead != found[0] else [])])
    except NotUnderstood as error:
        return refused(error, ground, likely)


def refused(error: NotUnderstood, ground: Ground, likely: Iterable[str] = ()) -> Back:
    """The grammar's sentence and the lines it suggests, or examples.

    Args:
        likely: what is meant if what was refused does not matter: offered after a value that it may be.
    """
    mended = [line for line in error.suggestions if any(v in error.sentence for v in _VALUE.findall(line))]
    lines = [*mended, *likely, *error.suggestions]
    options = offered(lines, ground) or examples("examples", ground)
    return Back(error.sentence, options, unsure=isinstance(error, UnknownWord))


def is_unsure(found: Meant) -> bool:
    """Were some of the words not understood?"""
    return isinstance(found, Unclear) or (isinstance(found, Back) and found.unsure)


def unclear(unknown: Sequence[str], ground: Ground) -> Unclear:
    """Not understood; the words that nobody knows are named."""
    chosen = "examples" if any(ground.vocabulary.values()) else "no_deals_examples"
    options = examples(chosen, ground)
    return Unclear(_sentence("unknown", options, unknown) if unknown else "", options)


def back(
    sentence: str, lines: Iterable[str], ground: Ground, unknown: Sequence[str] = (), *, unsure: bool = False
) -> Back:
    """A question back, by the name of its sentence, with those of the lines that work.

    When none does: what the grammar says of the first, or examples when there is none. Unknown words are
    named.
    """
    wanted, name = list(lines), "unknown" if unknown else sentence
    if options := offered(wanted, ground):
        return Back(_sentence(name, options, unknown), options, unsure)
    if wanted and isinstance(tried := meant(wanted[:1], ground), Back):
        return tried
    options = examples("examples", ground)
    return Back(_sentence(name, options, unknown), options, unsure)


def _sentence(name: str, options: Sequence[Option], unknown: Sequence[str] = ()) -> str:
    """A sentence by its name; where it offers but one line, it does not ask which."""
    sentences = files.claims()
    these = sentences["asking.one" if len(options) == 1 else "asking.several"][0].template
    words = listed([echo(word) for word in unknown[:NAMED]], "or")
    return sentences[f"asking.{name}"][0].safe_substitute(words=words, these=these)


def polite(code: str, ground: Ground, people: Sequence[str] = ()) -> Polite:
    """A greeting or a limit, with lines that work: those for the role, or the pages of the people named."""
    if code != "people":
        return Polite(code, greeting(ground))
    about = [f"/coach {page} {person}" for person in people[:1] for page in ("week", "rep")]
    return Polite(code, offered([*about, *files.free_text()["people_examples"]], ground))


def greeting(ground: Ground) -> tuple[Option, ...]:
    """Lines to begin with that fit the role."""
    by_role: Mapping[str, Sequence[str]] = files.free_text()["role_examples"]
    return offered(by_role.get(ground.reader.role, ()), ground) or examples("examples", ground)


def examples(name: str, ground: Ground) -> tuple[Option, ...]:
    """Lines that work in any data."""
    return offered(files.free_text()[name], ground)


def offered(lines: Iterable[str], ground: Ground) -> tuple[Option, ...]:
    """Up to four of the lines, each once and with its words; what does not work is left out, or mended."""
    tried = (line for written in lines for line in _working(written, ground))
    people = dict(ground.vocabulary.get("rep", ()))
    return tuple((label(line, people), line) for line in list(dict.fromkeys(tried))[:MOST])


def label(line: str, people: Mapping[str, str] | None = None) -> str:
    """What a button says of a line.

    Args:
        people: names by id, which stand for the ids.

    >>> label('/winrate region where region = "EMEA" 2024-Q2')
    'Win rate: region, region = EMEA 2024-Q2'
    >>> label('/coach week "rep_1"', {"rep_1": "Priya"})
    "One rep's last seven days: Priya"
    """
    labels = files.labels()
    words = line.removeprefix("/").split(" ")
    known = next(
        (" ".join(words[:n]) for n in (3, 2, 1) if f"asked_line.{' '.join(words[:n])}" in labels), ""
    )
    rest = line.removeprefix("/").removeprefix(known).strip()
    rest = _VALUE.sub(lambda found: (people or {}).get(found[1], found[1]), rest)
    rest = rest.replace(" where ", ", ").replace("where ", "").replace('"', "")
    name = labels.get(f"asked_line.{known}", "")
    return names.clean(f"{name}: {rest}" if rest and name else name or rest, LABEL)


def _working(line: str, ground: Ground) -> Iterator[str]:
    """The line as it is described, if it works; each of its readings, if it has several."""
    try:
        yield describe(ground.intent(line))
    except intents.Ambiguous as error:
        found = (ground.intent(reading) for reading in error.suggestions)
        yield from (describe(intent) for intent in found if not isinstance(intent, Help))
    except NotUnderstood:
        return
