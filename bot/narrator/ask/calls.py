"""One tool call of the model -> what it asks for, checked, or why it cannot be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from analytics import answers
from bot import intents
from bot.intents import Intent, NotUnderstood
from bot.intents.free import asking
from bot.intents.free.asking import Ground
from bot.intents.free.meant import Back, Polite
from bot.model.calls import Call
from bot.narrator.ask.fields import UnknownHandle
from bot.narrator.ask.handles import Handles
from bot.narrator.ask.tools import MOST_OPTIONS, TOOLS, Otherwise, Page, Tool
from bot.narrator.claims import say

if TYPE_CHECKING:
    from bot.coach import Inquiry

LONGEST_ARGUMENTS = 4000  #: characters

Meant = Intent | Back | Polite


@dataclass(frozen=True, slots=True)
class Fault:
    """A call that asks for nothing; `code` is what the model is told, which holds no word of the data."""

    code: str
    refusal: NotUnderstood | None = None  # when the call was sound, but the question cannot be asked


def heard(call: Call, inquiry: "Inquiry", handles: Handles) -> Meant | Fault:
    """What one call means."""
    tool = TOOLS.get(call.name)
    if tool is None:
        return Fault("unknown_tool")
    if len(call.arguments) > LONGEST_ARGUMENTS:
        return Fault("arguments_too_long")
    try:
        return _meant(tool.model_validate_json(call.arguments or "{}"), inquiry, handles)
    except ValidationError as error:
        return Fault(f"invalid_arguments: {_wrong(error)}")
    except UnknownHandle:
        return Fault("unknown_handle")
    except intents.Ambiguous as error:
        return asking.refused(error, ground(inquiry))
    except NotUnderstood as error:
        return Fault(f"refused: {type(error).__name__}", error)


def agreed(readings: Sequence[Meant]) -> Meant | None:
    """What several calls come to: the one question they ask, a question back, or nothing."""
    asked = list(dict.fromkeys(one for one in readings if not isinstance(one, Back | Polite)))
    if len(asked) > 1:
        return back("route.which", asked)
    return next(iter(asked or readings), None)


def back(claim_id: str, asked: Iterable[Intent]) -> Back:
    """A question back with the readings as options."""
    lines = [intents.describe(one) for one in asked][:MOST_OPTIONS]
    return Back(say(claim_id).text, tuple((asking.label(line), line) for line in lines))


def ground(inquiry: "Inquiry") -> Ground:
    """What the viewer may name, on the day of the numbers."""
    vocabulary = answers.vocabulary(inquiry.generation, inquiry.viewer.scope)
    return Ground(vocabulary, inquiry.generation.as_of)


def _meant(tool: Tool, inquiry: "Inquiry", handles: Handles) -> Meant:
    if isinstance(tool, Otherwise) and tool.reason != "unsure":
        return asking.polite(tool.reason, ground(inquiry))
    asked = _understood(tool.lines(handles), inquiry)
    if len(asked) == 1:
        return asked[0]
    return back("route.which_deal" if isinstance(tool, Page) else "route.which", asked)


def _understood(lines: Sequence[str], inquiry: "Inquiry") -> list[Intent]:
    """Those of the lines that can be asked, each once.

    Raises:
        NotUnderstood: none of them can.
    """
    asked: list[Intent] = []
    for number, line in enumerate(lines, start=1):
        try:
            asked.append(inquiry.understand_line(line))
        except NotUnderstood:
            if number == len(lines) and not asked:
                raise
    return list(dict.fromkeys(asked))


def _wrong(error: ValidationError) -> str:
    """What is wrong with the arguments: the kind of each fault and where it is, never a value."""
    faults = [(fault["type"], ".".join(map(str, fault["loc"]))) for fault in error.errors(include_url=False)]
    return "; ".join(f"{kind} at {place[:40]}" for kind, place in faults[:3])
