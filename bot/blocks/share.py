"""`Share...` as blocks: the modal with what a channel would read, the message, and the list of shares."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from bot import names
from bot.blocks import common, forms, limits
from bot.blocks.common import Block
from bot.narrator import share as narrator
from bot.narrator.claims import Claim, label, say
from bot.narrator.share import Shares
from bot.replies import narrating
from bot.sharing.ledger import Share
from bot.sharing.reach import Sees

if TYPE_CHECKING:
    from bot.sharing.drafts import Draft, Wanted
    from bot.sharing.refusals import NotShared

CALLBACK = "share.form"
CHANNEL, NOTE = "share.channel", "share.note"
NAMED_MOST = 5  #: people who are named; the rest are others


def form(
    wanted: "Wanted", told: Sequence[Block], *, channel: str = "", note: str = "", cut: Sequence[Share] = ()
) -> Block:
    """The modal: a channel, what is told of it, and a note of one's own."""
    blocks = [
        *[common.paragraph(narrator.cut_off(one).text) for one in cut],
        _channel(channel),
        *told,
        forms.asked("share.note", forms.text(NOTE, note, most=narrator.NOTE_MOST), optional=True),
    ]
    return forms.modal(CALLBACK, "share.title", blocks, private=wanted.remembered, send="share.send")


def _channel(chosen: str) -> Block:
    """The picker; a choice is looked at as soon as it is made."""
    element = {
        "type": "conversations_select",
        "action_id": CHANNEL,
        "placeholder": forms.plain(label("share.channel_placeholder").text),
        "filter": {
            "include": ["public", "private"],
            "exclude_external_shared_channels": True,
            "exclude_bot_users": True,
        },
        **({"initial_conversation": chosen} if chosen else {}),
    }
    return {**forms.asked("share.channel", element), "dispatch_action": True}


def choose() -> list[Block]:
    """No channel was chosen yet."""
    return [common.paragraph(say("share.choose").text)]


def looking() -> list[Block]:
    """A channel is being looked at."""
    return [common.paragraph(say("share.looking").text)]


def refused(why: "NotShared") -> list[Block]:
    """Why it cannot be shared there, and who stands in its way: names that everybody there can see."""
    return [common.paragraph(str(why), lead=True), *_people(say("share.in_the_way"), why.people)]


def preview(draft: "Draft") -> list[Block]:
    """Who may see how much, what they will read, and what is left out."""
    return [
        *common.bullets(claim.text for claim in narrator.sight(draft)),
        *_people(say("share.some"), draft.sight[Sees.SOME]),
        *_read(draft),
        *common.bullets(claim.text for claim in narrator.compared(draft)),
    ]


def _read(draft: "Draft") -> Iterator[Block]:
    """The headline and the verdict that the channel will read."""
    if words := draft.reply.words:
        headline = Claim("headline", words.headline)
        yield common.entry(say("share.they_read", headline=headline).text, words.verdict)


def sending() -> Block:
    """The modal while it is being shared."""
    return says(say("share.sending"))


def says(said: Claim) -> Block:
    """A modal that says one thing."""
    return forms.page("share.title", [common.paragraph(said.text)])


def message(draft: "Draft", note: str) -> list[Block]:
    """What the channel reads: who shared it and what it does not hold, their note, then the answer."""
    top = [common.paragraph(narrator.first(draft).text, lead=True)]
    words = [common.context(narrator.note(draft, note).text)] if note else []
    return [*top, *words, *narrating.card(draft.reply)][: limits.BLOCKS_MOST["message"]]


def page(shares: Shares) -> list[Block]:
    """Who shared what with whom, the newest first."""
    rest = narrator.left(shares)
    return [
        common.header(narrator.headline(shares).text),
        common.paragraph(narrator.verdict(shares).text, lead=True),
        *[_row(share, shares) for share in shares.newest],
        *([common.context(rest.text)] if rest else []),
    ]


def _row(share: Share, shares: Shares) -> Block:
    """One share; Slack shows its readers' names, and the channel's to who may know of it."""
    what, became, readers = (names.escape(claim.text) for claim in narrator.row(share, shares))
    those = " ".join(f"<@{user}>" for user in share.readers[:NAMED_MOST])
    text = f"{what} <#{share.channel}>\n*{became}*" + (f" · {readers} {those}" if share.readers else "")
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _people(said: Claim, users: Sequence[str]) -> Iterator[Block]:
    """People by name, as Slack shows them to who reads this; none for nobody."""
    if not users:
        return
    those = [f"<@{user}>" for user in users[:NAMED_MOST]]
    others = [say("share.others").text] if len(users) > NAMED_MOST else []
    text = f"{names.escape(said.text)} {' '.join([*those, *others])}"
    yield {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
