"""What people do about a deal: modals to log it and to say why an alert is no use, and a call for help."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Annotated, ClassVar

from pydantic import ConfigDict, StringConstraints, TypeAdapter, ValidationError

from analytics.facts import DealCard
from bot import intents
from bot.blocks import forms
from bot.blocks.common import Block, buttons, framed, paragraph
from bot.blocks.evidence import NotOurButton
from bot.narrator.claims import Claim, label, say
from bot.narrator.words import Words
from prompts import files

KEY_MOST = 500  #: characters of a deal's id, and of an alert's key


@dataclass(frozen=True, slots=True)
class About:
    """What a modal is about: a deal, an alert, or both. Anybody may have written it; it gives no right."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="forbid")

    deal_id: Annotated[str, StringConstraints(max_length=KEY_MOST)] = ""
    key: Annotated[str, StringConstraints(max_length=KEY_MOST)] = ""

    @classmethod
    def of(cls, value: str) -> "About":
        """What a modal remembers.

        Raises:
            NotOurButton: no modal of ours says that.
        """
        try:
            return _ABOUT.validate_json(value)
        except ValidationError as error:
            raise NotOurButton from error

    @property
    def value(self) -> str:
        """The same for `private_metadata`."""
        return json.dumps(asdict(self), ensure_ascii=False)


_ABOUT = TypeAdapter(About)


def log_form(deal: DealCard, plays: Iterable[Claim], today: date, key: str = "") -> Block:
    """What was done, when, and a note. `key` is of the alert that it answers; "" from the card."""
    options = [(play.id, play.text) for play in plays]
    choice = forms.select("play", options, placeholder="form.play_choose")
    asked = [
        paragraph(_named(deal).text, lead=True),
        *([forms.asked("form.play", choice, optional=True)] if options else []),
        forms.asked("form.own", forms.text("own"), optional=True),
        forms.asked("form.day", forms.day("day", today)),
        forms.asked("form.note", forms.text("note", multiline=True), optional=True),
        paragraph(say("action.modal_what_it_is_for").text),
    ]
    private = About(deal.deal_id, key).value
    return forms.modal("alert.log", "form.log_title", asked, private=private, send="form.log_send")


def _named(deal: DealCard) -> Claim:
    amount = deal.figures.get("amount")
    return say("action.modal_deal", id=deal.deal_id, deal=deal.name or deal.account, amount=amount)


def reason_form(callback: str, key: str) -> Block:
    """Why an alert is of no use (`alert.not_useful`), put aside (`alert.dismiss`) or held (`review.hold`)."""
    kind = callback.partition(".")[2]
    choice = forms.select("reason", reasons(kind).items(), placeholder="form.reason_choose")
    asked = [
        forms.asked("form.reason", choice, optional=True),
        forms.asked("form.own_reason", forms.text("own"), optional=True),
        paragraph(say("action.modal_reason").text),
    ]
    return forms.modal(callback, f"form.{kind}_title", asked, private=About(key=key).value)


def reasons(kind: str) -> Mapping[str, str]:
    """What can be chosen as a reason, by its code."""
    start = f"{kind}."
    return {name.removeprefix(start): text for name, text in files.labels().items() if name.startswith(start)}


def call(deal: DealCard, words: Words) -> list[Block]:
    """A call for help with a deal, as the manager reads it."""
    asks = ("ask.deal", label("button.deal").text, intents.describe(intents.Deal(deal.deal_id)))
    return framed(words, after=buttons([asks]))
