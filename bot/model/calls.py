"""Who asks the model, what comes back, and why nothing came back.

Raises, all of them as one `Unavailable` with a code:
    no_key                   no key is set
    budget_user, budget_day  the tokens of this person, or of everybody, are used up for today
    busy                     the turn did not come within the deadline
    breaker                  too many faults just now: nobody asks for a while
    deadline                 no whole answer within the time we wait
    rate_limited, quota      the server refuses for a while, or until it is paid
    server, connection       it failed, or was not reached or lost
    truncated, bad_stream    the answer ended early, or was no answer of a chat server
    empty, refused, length   the model said nothing, would not, or too much
    rejected                 our request was not accepted (4xx): key, model's name or a parameter
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Surface = Literal["answer", "digest", "question"]

#: What the server or the way to it did; five in a row open the breaker. Our own limits do not count, nor
#: does what only this one request met.
FAULTS = frozenset({"deadline", "rate_limited", "quota", "server", "connection", "truncated", "bad_stream"})


class Unavailable(Exception):
    """The model's words cannot be had now; `code` says why. The numbers go out without them."""

    def __init__(self, code: str) -> None:
        super().__init__(f"The language model is unavailable: {code}.")
        self.code = code


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom the model works, and where its words will stand."""

    workspace: str
    slack_user: str
    surface: Surface

    @property
    def who(self) -> tuple[str, str]:
        """The person, on whatever surface."""
        return self.workspace, self.slack_user


@dataclass(frozen=True, slots=True)
class Call:
    """A tool the model wants called; `arguments` is JSON text nobody has checked yet."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What the model chose in one turn: calls, or text, or both."""

    calls: tuple[Call, ...]
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCall:
    """One call as it is kept: ids, counts and how it ended; no word of question or answer."""

    workspace: str
    slack_user: str
    surface: str
    model: str
    prompt: str  # version and hash
    outcome: str  # told, stopped, or why not
    tokens_in: int
    tokens_cached: int  # part of tokens_in
    tokens_out: int
    estimated: bool  # the server told no count
    cost: str  # money as decimal text, "" without prices
    milliseconds: int
    at: datetime

    @property
    def tokens(self) -> int:
        """What counts against a budget."""
        return self.tokens_in + self.tokens_out
