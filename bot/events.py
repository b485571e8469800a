"""An event of Slack's in, what it says of where it happened out."""

from collections.abc import Mapping
from typing import Any

DIRECT = "D"  #: begins the id of a conversation with one person


def is_direct(event: Mapping[str, Any]) -> bool:
    """Was it in direct messages? Known by the id where a server does not name the kind of the channel.

    >>> [is_direct(one) for one in ({"channel_type": "im"}, {"channel": "D1"}, {"channel": "C1"})]
    [True, True, False]
    >>> is_direct({"channel_type": "mpim", "channel": "D1"})
    False
    """
    kind = event.get("channel_type")
    return kind == "im" if kind else str(event.get("channel", "")).startswith(DIRECT)
