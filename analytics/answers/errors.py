"""Why a question has no answer; the tree stands in `analytics.answers`."""

from collections.abc import Sequence

from data.mendable import Mendable


class AnswerError(Mendable):
    """A question about the numbers that has no answer. The message is a sentence for the reader."""


class DealNotFound(AnswerError):
    """No deal with this id among those in scope. `nearest` holds up to three ids that are alike."""

    def __init__(self, deal_id: str, nearest: Sequence[str]) -> None:
        self.deal_id = deal_id
        self.nearest = tuple(nearest)
        super().__init__(f"No deal `{deal_id}`{_ending(self.nearest)}")
        *first, last = self.nearest or ("",)
        self.called("deal_not_found", deal=deal_id, near=", ".join(first), last=last)


class NotYourDeal(AnswerError):
    """The deal is out of scope; nothing but its id may be said."""

    def __init__(self, deal_id: str) -> None:
        self.deal_id = deal_id
        super().__init__(f"Only its owner and their manager can see {deal_id}.")
        self.called("not_your_deal", deal=deal_id)


class RepNotFound(AnswerError):
    """Nobody of this id is known to the CRM."""

    def __init__(self, rep_id: str) -> None:
        super().__init__(f"The CRM knows nobody called {rep_id!r}.")
        self.called("rep_not_found", rep=repr(rep_id))


class NotYourPage(AnswerError):
    """A colleague's page; nothing but the name may be said."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Only {name} and their manager can see the page of {name}.")
        self.called("not_your_page", name=name)


class NoForecast(AnswerError):
    """The period or the filters leave nothing to forecast."""


def _ending(nearest: tuple[str, ...]) -> str:
    if not nearest:
        return " among those you can see."
    *first, last = nearest
    return f". Did you mean {', '.join(first)}{' or ' if first else ''}{last}?"
