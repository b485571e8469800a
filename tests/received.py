"""What Slack received of one answer, judged against what code can say of it: nothing else may be there."""

import html
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from analytics import answers
from bot import replies
from bot.blocks.evidence import Judged
from bot.coach import Inquiry
from bot.narrator.check import given, names_of, strays
from bot.narrator.claims import Claim
from bot.narrator.telling import Registry, registry
from bot.playground import Message
from bot.replies import Reply
from prompts import files
from tests.scripted_model import WRITTEN

#: Keys of blocks that nobody reads.
UNREAD = ("value", "type", "action_id", "block_id", "url", "slack_file", "emoji", "verbatim")
ASIDE = ("actions", "context", "context_actions", "image")
LIVE = re.compile(r"https?:|<[@!#a-z/]|\]\(|mailto:", re.IGNORECASE)
INVISIBLE = ("Cf", "Cs", "Co", "Cn", "Cc", "Zl", "Zp")

#: Words that a suggestion must not hold: a list of their own, not the lint's.
NEVER = frozenset(WRITTEN["never"].split())


@dataclass(frozen=True, slots=True)
class Received:
    """The messages of one answer."""

    messages: Sequence[Message]

    @property
    def line(self) -> str:
        """The line that asks for this answer, as its own buttons tell it; "" for what is no answer."""
        found = [value for name, value in self._values() if name in ("feedback", "sums")]
        if not found:
            return ""
        return Judged.of(found[0]).line if found[0][0] == "{" else found[0].removeprefix("/coach sums ")

    @property
    def texts(self) -> list[str]:
        """Every text there is, as it was stored."""
        return [m.text for m in self.messages] + [t for m in self.messages for t in strings(m.blocks)]

    @property
    def bullets(self) -> list[str]:
        """Every bullet as it reads."""
        listed = [
            line
            for m in self.messages
            for text in sections(m.blocks)
            for line in text.split("\n")
            if line.startswith("• ")
        ]
        streamed = [line for m in self.messages for line in m.text.split("\n") if line.startswith("- ")]
        return [html.unescape(unmarked(line[2:])) for line in (*listed, *streamed)]

    @property
    def last_line(self) -> str:
        """The small print."""
        return " ".join(
            b["elements"][0]["text"] for m in self.messages for b in m.blocks if b["type"] == "context"
        )

    def _values(self) -> Iterator[tuple[str, str]]:
        for message in self.messages:
            for block in message.blocks:
                for one in block.get("elements", ()) if block["type"] in ASIDE else ():
                    if "positive_button" in one:
                        yield one["action_id"], one["positive_button"]["value"]
                    elif "value" in one:
                        yield one["action_id"], one["value"]


def strings(value: Any) -> list[str]:
    """Every text of a block that a person may read or hear."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [one for key, part in value.items() if key not in UNREAD for one in strings(part)]
    return [one for part in value for one in strings(part)] if isinstance(value, list) else []


def sections(blocks: Iterable[dict[str, Any]]) -> list[str]:
    """The texts of its paragraphs."""
    return [b["text"]["text"] for b in blocks if b["type"] == "section" and "text" in b]


def figures(blocks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """An answer without bullets, buttons, pictures and last line."""
    told = [b for b in blocks if b["type"] not in ASIDE]
    shown = [b for b in told if not str(b.get("text", {}).get("text", "")).startswith("• ")]
    bare = [{name: part for name, part in block.items() if name != "block_id"} for block in shown]
    return json.loads(json.dumps(bare))


def unmarked(text: str) -> str:
    """A text that was escaped as Markdown, as it reads."""
    return re.sub(r"\\(.)", r"\1", text).replace("\u2024", ".")


async def problems(received: Received, inquiry: Inquiry, model: str, foreign: Iterable[str]) -> list[str]:
    """Everything in an answer that code did not say; empty for a true one.

    Args:
        model: the name of the model, which the last line may tell.
        foreign: words of deals that the reader does not see.
    """
    found = [*_dangerous(received), *(f"foreign: {word}" for word in _said(received, foreign))]
    if not received.line:
        return [*found, *_unexplained(received, inquiry)]
    reply = await replies.reply(inquiry.understand_line(received.line), inquiry)
    return [*found, *_numbers(received, reply, model), *_answer(received, reply, model)]


def _dangerous(received: Received) -> Iterator[str]:
    """What Slack would obey, or what nobody sees, and an error of ours."""
    for text in received.texts:
        if LIVE.search(text) or any(unicodedata.category(c) in INVISIBLE for c in text.replace("\n", " ")):
            yield f"live: {text!r}"
        if "failed on our side" in text:
            yield f"unhandled: {text}"


def _said(received: Received, words: Iterable[str]) -> list[str]:
    told = " ".join(received.texts).casefold()
    return [word for word in words if word.casefold() in told]


def _unexplained(received: Received, inquiry: Inquiry) -> Iterator[str]:
    """What is no answer is a sentence of ours: one of prompts, or of an error, with names that exist."""
    ours = {one.template for variants in files.claims().values() for one in variants}
    names = [*given(answers.vocabulary(inquiry.generation, inquiry.viewer.scope)), *_lines(received)]
    for message in received.messages:
        text = html.unescape(message.text)
        if text not in ours and strays(text, (), names):
            yield f"not ours: {text!r}"


def _lines(received: Received) -> Iterator[str]:
    """What the buttons of a question back would ask."""
    for message in received.messages:
        for block in message.blocks:
            yield from (one["value"] for one in block.get("elements", ()) if "value" in one)


def _numbers(received: Received, reply: Reply, model: str) -> Iterator[str]:
    """G1: numerals that no fact and no name of this answer explains."""
    known = [*names_of(reply.answer), reply.line, model, reply.generation]
    for text in received.texts:
        if left := strays(unmarked(html.unescape(text)), reply.facts.values(), known):
            yield f"numerals {left}: {text!r}"


def _answer(received: Received, reply: Reply, model: str) -> Iterator[str]:
    """Numbers as without a model, limits told, and every bullet of code's but one that may suggest."""
    told, plain = figures([b for m in received.messages for b in m.blocks]), figures(reply.blocks)
    if told != plain:
        yield f"the numbers differ: {[one for one in told if one not in plain]} for {plain}"
    if reply.words is None:
        return
    known = registry(reply.words, "suggest", reply.facts)
    suggested = suggestions(received, known)
    if len(suggested) > 1:
        yield f"more than one suggestion: {suggested}"
    yield from (f"{why}: {bullet!r}" for bullet in suggested for why in wrong(bullet, known))
    told = " ".join(received.bullets)
    for one in known.required:
        if known.claims[one].text not in told:
            yield f"limit not told: {known.claims[one].text}"
    ends = {f"{reply.words.context} · {end}" for end in ("plain mode", f"words by {model}")}
    if not (ends | {reply.words.context}) & set(_contexts(received)):
        yield f"last line: {received.last_line}"


def _contexts(received: Received) -> Iterator[str]:
    for message in received.messages:
        yield from (b["elements"][0]["text"] for b in message.blocks if b["type"] == "context")


def suggestions(received: Received, known: Registry) -> list[str]:
    """The bullets that code has not rendered."""
    rendered = [*known.claims.values(), *(known.advised(play) for play in known.plays.values())]
    return [bullet for bullet in received.bullets if not _is_rendered(bullet, rendered)]


def _is_rendered(bullet: str, rendered: Sequence[Claim]) -> bool:
    """Is it one sentence of code's, or several in a row?"""
    left = bullet
    for text in sorted({claim.text for claim in rendered}, key=len, reverse=True):
        left = left.replace(text, "")
    return not left.strip(" .")


def wrong(suggestion: str, known: Registry) -> Iterator[str]:
    """G1 to G3 in a suggestion: a numeral, a name, a direction, a hedge, a cause, or anything but letters."""
    if not re.fullmatch(r"""[A-Za-z ,.;:?!'"()–—-]+""", suggestion):
        yield "characters"
    harmless = "|".join(map(re.escape, sorted(files.vocabulary()["phrases"], key=len, reverse=True)))
    plain = re.sub(rf"\b(?:{harmless})\b", " ", suggestion.casefold())
    words = set(re.findall(r"[a-z]+", plain))
    yield from (f"word {word}" for word in sorted(words & NEVER))
    parts = {part for name in known.names for part in re.findall(r"[^\W\d_]{3,}", name.casefold())}
    yield from (f"name {word}" for word in sorted(words & parts))
