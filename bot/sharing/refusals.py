"""Why an answer is not shared, each reason with its sentence (prompts/claims/share.yaml)."""

from collections.abc import Sequence

from bot.narrator.claims import Claim, say
from data.mendable import Mendable


class NotShared(Mendable):
    """Nothing was posted; `why` names the reason, `people` are the Slack users who stand in its way."""

    def __init__(self, why: str, people: Sequence[str] = (), **slots: str | Claim) -> None:
        super().__init__(say(f"share_refused.{why}", **slots).text)
        self.why = why
        self.people = tuple(people)
