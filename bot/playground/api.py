"""The Web API's front desk: which methods there are, who may call them, what an argument may be.

The methods themselves register here from `chat`, `conversations`, `people` and `views`.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from bot.blocks import limits, rules
from bot.playground.pace import TIER_3, UNLIMITED
from bot.playground.records import APP, BOT, BOT_USER, TEAM, Json
from bot.playground.workspace import Refused, Workspace

Item = TypeVar("Item")

SCOPES: Final = frozenset(
    {
        *(
            "app_mentions:read",
            "chat:write",
            "commands",
            "files:write",
            "reactions:write",
            "users:read",
            "users:read.email",
        ),
        *("channels:history", "channels:read", "groups:history", "groups:read"),
        *("im:history", "im:read", "im:write"),
    }
)
PAGE: Final = 100  # items of an answer that comes in pages
PAGE_MOST: Final = 999
NESTED: Final = ("blocks", "metadata", "view", "chunks", "attachments", "files")  # JSON inside a form


@dataclass(slots=True)
class Credentials:
    """The tokens of the installed app, what they allow, and whether they still do."""

    bot_token: str
    app_token: str
    signing_secret: str
    scopes: frozenset[str] = SCOPES
    revoked: bool = False

    def admit(self, token: str, method: "Method") -> None:
        """Let the holder of this token call the method.

        Raises:
            Refused: not_authed, invalid_auth, token_revoked, not_allowed_token_type, missing_scope.
        """
        if token not in (self.bot_token, self.app_token):
            raise Refused("invalid_auth" if token else "not_authed")
        if self.revoked:
            raise Refused("token_revoked")
        if (token == self.app_token) is not method.for_app:
            raise Refused("not_allowed_token_type")
        self.require(method.scope)

    def require(self, scope: str) -> None:
        """Go on only with this scope; "" asks for none.

        Raises:
            Refused: missing_scope, with what was needed and what is there.
        """
        if scope and scope not in self.scopes:
            raise Refused("missing_scope", needed=scope, provided=",".join(sorted(self.scopes)))


class Arguments(dict[str, Any]):
    """A call's arguments, whether they came as a form or as JSON."""

    def needed(self, name: str, refusal: str = "invalid_arguments") -> Any:
        """An argument that must be there.

        Raises:
            Refused: with `refusal` where it is missing or empty.
        """
        if self.get(name) in (None, ""):
            raise Refused(
                refusal, response_metadata={"messages": [f"[ERROR] missing required field: {name}"]}
            )
        return self[name]

    def flag(self, name: str) -> bool:
        """True for true, 1 and "true"."""
        return str(self.get(name, "")).lower() in ("true", "1")

    def number(self, name: str, default: int) -> int:
        """A whole number; the default where it is missing or empty.

        Raises:
            Refused: invalid_arguments.
        """
        try:
            return default if self.get(name) in (None, "") else int(self[name])
        except (TypeError, ValueError):
            raise Refused("invalid_arguments") from None


@dataclass(frozen=True, slots=True)
class Call:
    """One call: what it asks, and what it may look at."""

    workspace: Workspace
    arguments: Arguments
    credentials: Credentials
    refused_blocks: frozenset[str] = frozenset()
    socket_url: Callable[[], str] = lambda: ""
    upload_url: Callable[[str], str] = lambda id: id


@dataclass(frozen=True, slots=True)
class Method:
    """One method: the scope it needs, its limit in calls a minute, and what it does."""

    run: Callable[[Call], Json]
    scope: str = ""
    per_minute: int = UNLIMITED
    for_app: bool = False
    posts: bool = False  # counts against one message a second in a channel


METHODS: Final[dict[str, Method]] = {}


def method(name: str, **about: Any) -> Callable[[Callable[[Call], Json]], Callable[[Call], Json]]:
    """Register a function as the Web API method `name`; `about` are the fields of `Method`."""

    def register(run: Callable[[Call], Json]) -> Callable[[Call], Json]:
        METHODS[name] = Method(run, **about)
        return run

    return register


def read(content_type: str, body: bytes, query: Mapping[str, str], form: Mapping[str, Any]) -> Arguments:
    """The arguments of a call from its body: JSON, or a form whose nested values are JSON.

    Raises:
        Refused: invalid_json, invalid_arguments.
    """
    try:
        if content_type == "application/json":
            sent = json.loads(body or b"{}")
            return Arguments(sent) if isinstance(sent, dict) else _refuse("json_not_object")
        sent = {**query, **form}
        nested = {name: json.loads(sent[name]) for name in NESTED if isinstance(sent.get(name), str)}
    except ValueError:
        return _refuse("invalid_json")
    return Arguments(sent | nested)


def _refuse(code: str) -> Arguments:
    raise Refused(code)


def checked_text(call: Call) -> str:
    """The text of a message to be sent.

    Raises:
        Refused: no_text where there are no blocks either, msg_too_long.
    """
    text = call.arguments.get("text") or ""
    if not text and not call.arguments.get("blocks"):
        raise Refused("no_text")
    if limits.check_text(text):
        raise Refused("msg_too_long")
    return str(text)


def checked_blocks(
    call: Call, blocks: Any, surface: limits.Surface = "message", at: str = "/blocks"
) -> list[Json]:
    """The blocks of a message or a view, each with a block_id.

    Raises:
        Refused: invalid_blocks, with what is wrong where.
    """
    found = limits.check(blocks or [], surface, at=at)
    if not found:
        found = [
            rules.problem(f"unsupported block type: {kind}", at)
            for kind in sorted(call.refused_blocks & limits.types(blocks or []))
        ]
        found += [
            rules.problem("invalid slack file", f"{at}/{index}/slack_file")
            for index, block in enumerate(blocks or [])
            if "slack_file" in block and not call.workspace.shows(block["slack_file"].get("id", ""))
        ]
    if found:
        raise Refused("invalid_blocks", response_metadata={"messages": [f"[ERROR] {line}" for line in found]})
    return [{"block_id": _block_id(index, block), **block} for index, block in enumerate(blocks or [])]


def _block_id(index: int, block: Json) -> str:
    """An id for a block that came without one: the same for the same block in the same place."""
    return f"b{index}-{hashlib.sha256(json.dumps(block, sort_keys=True).encode()).hexdigest()[:6]}"


def page(call: Call, items: list[Item]) -> tuple[list[Item], str]:
    """At most `limit` items from `cursor` on, and the cursor of the next page.

    Raises:
        Refused: invalid_arguments, invalid_cursor.
    """
    try:
        start = int(call.arguments.get("cursor") or 0)
    except ValueError:
        raise Refused("invalid_cursor") from None
    end = start + max(min(call.arguments.number("limit", PAGE), PAGE_MOST), 1)
    return items[start:end], str(end) if end < len(items) else ""


@method("auth.test")
def auth_test(_: Call) -> Json:
    """Who the token belongs to."""
    who = {"user": "dealcoach", "user_id": BOT_USER, "bot_id": BOT, "app_id": APP}
    where = {"url": "https://playground.slack.com/", "team": "Playground", "team_id": TEAM}
    return who | where | {"is_enterprise_install": False}


@method("team.info", scope="team:read", per_minute=TIER_3)
def team_info(_: Call) -> Json:
    """What the workspace is called."""
    return {"team": {"id": TEAM, "name": "Playground", "domain": "playground", "email_domain": ""}}


@method("bots.info", scope="users:read", per_minute=TIER_3)
def bots_info(call: Call) -> Json:
    """The app's bot."""
    if call.arguments.get("bot") not in (None, "", BOT):
        raise Refused("bot_not_found")
    who = {"id": BOT, "app_id": APP, "user_id": BOT_USER, "name": "dealcoach", "deleted": False}
    return {"bot": {**who, "icons": {}, "updated": 0}}


@method("apps.connections.open", for_app=True)
def connections_open(call: Call) -> Json:
    """Where to connect for Socket Mode."""
    return {"url": call.socket_url()}
