"""What a server said, read without trusting its shape: a piece of a streamed answer, or a choice."""

from dataclasses import dataclass
from typing import Any, Self

from bot.model.calls import Call, Choice, Unavailable


@dataclass(frozen=True, slots=True)
class Piece:
    """One chunk, or all chunks so far: its text, whether it was an answer at all, and how it ended."""

    text: str = ""
    answer: bool = False  # it had a choice in it
    finish: str = ""

    @classmethod
    def of(cls, chunk: object) -> Self:
        """Read a chunk; one without choices says nothing.

        Raises:
            Unavailable: refused; or a tool is called, though none was offered.
        """
        first = _first(chunk)
        if first is None:
            return cls()
        said = getattr(first, "delta", None)
        if getattr(said, "refusal", None):
            raise Unavailable("refused")
        if getattr(said, "tool_calls", None):
            raise Unavailable("bad_stream")
        return cls(_text(said), True, str(getattr(first, "finish_reason", None) or ""))

    def then(self, later: "Piece") -> "Piece":
        """Both, one after the other, without their text."""
        return Piece("", self.answer or later.answer, later.finish or self.finish)

    def whole(self, characters: int) -> None:
        """Refuse an answer that is not one.

        Raises:
            Unavailable: it ended early, late, by the filter, or never began.
        """
        if not self.answer:
            raise Unavailable("bad_stream")
        _ended(self.finish, ("stop",))
        if not characters:
            raise Unavailable("empty")


def choice(completion: object) -> Choice:
    """Read one turn that may call tools.

    Raises:
        Unavailable: it is no answer, not whole, refused or says nothing.
    """
    first = _first(completion)
    if first is None:
        raise Unavailable("bad_stream")
    said = getattr(first, "message", None)
    if getattr(said, "refusal", None):
        raise Unavailable("refused")
    _ended(str(getattr(first, "finish_reason", None) or ""), ("stop", "tool_calls"))
    made = Choice(tuple(map(_call, _items(said, "tool_calls"))), _text(said))
    if not made.calls and not made.text.strip():
        raise Unavailable("empty")
    return made


def _ended(finish: str, well: tuple[str, ...]) -> None:
    if finish not in well:
        known = {"": "truncated", "length": "length", "content_filter": "refused"}
        raise Unavailable(known.get(finish, "bad_stream"))


def _first(answer: object) -> Any | None:
    return next(iter(_items(answer, "choices")), None)


def _items(told: object, name: str) -> list[Any]:
    items = getattr(told, name, None)
    return items if isinstance(items, list) else []


def _text(said: object) -> str:
    content = getattr(said, "content", None) or ""
    if not isinstance(content, str):
        raise Unavailable("bad_stream")
    return content


def _call(told: object) -> Call:
    function = getattr(told, "function", None)
    name, arguments = getattr(function, "name", None), getattr(function, "arguments", None)
    if not isinstance(name, str) or not isinstance(arguments, str):
        raise Unavailable("bad_stream")
    return Call(str(getattr(told, "id", None) or ""), name, arguments)
