"""The control API: the playground's people, driven from another process with JSON over HTTP.

POST /control/command {"line": "/deal D1", "user": "priya", "channel": "general"}      -> the reply
POST /control/say     {"channel": "direct", "text": "hello", "user": "priya"}          -> the reply
POST /control/click   {"ts": "...", "action_id": "snooze", "user": "priya", "value": "7"} -> the reply
POST /control/click   {"modal": true, "action_id": "more", "user": "priya"}           in the open modal
POST /control/submit  {"user": "priya", "values": {"note": "called"}}                  -> the reply
POST /control/close   {"user": "priya"}                                the modal on top, without sending it
POST /control/home    {"user": "priya"}                                                -> the Home tab
POST /control/stop    {"user": "priya", "channel": "direct", "thread_ts": "..."}       the Stop button
POST /control/invite  {"channel": "general"}
POST /control/faults  {"script": [{"kind": "fail", "method": "chat.postMessage"}], "chances": {}, "seed": 7}
POST /control/uninstall
GET  /control/sees?user=priya&channel=general   what the person can read
GET  /control/people                            who there is, and the direct messages of each
GET  /control/ledger?last=100                   calls received, and what was really stored by metadata key

A gesture waits for its answer; `"within": 2` bounds that to two seconds, and `"wait": false` answers
{"ok": true} at once: what came of it is for the feed to tell, and Slackbot says what failed.
`"channel": "direct"` is the user's direct messages with the bot.
A reply is {text, blocks, ephemeral, messages, error, payload}.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.playground import faults
from bot.playground.elements import NoSuchElement
from bot.playground.records import Json
from bot.playground.workspace import NoSuchConversation, NoSuchPerson

if TYPE_CHECKING:
    from bot.playground.server import Playground

LOCAL: Final = ("127.0.0.1", "localhost")
LEDGER: Final = 1000


Act: TypeAlias = Callable[["Playground", Json], Awaitable[Json]]


class BadRequest(Exception):
    """The request lacks something; says what."""


MISTAKES: Final = (
    BadRequest,
    NoSuchPerson,
    NoSuchConversation,
    NoSuchElement,
    KeyError,
    ValueError,
    TypeError,
)


@web.middleware
async def local_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what a page of another site makes a browser send here; a link to the page may be followed."""
    host = request.headers.get("Host", "").rpartition(":")[0] or request.headers.get("Host", "")
    origin = request.headers.get("Origin")
    linked = request.headers.get("Sec-Fetch-Mode") == "navigate" and request.path == "/"
    foreign = request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin") and not linked
    if host not in LOCAL or (origin and origin != f"http://{request.headers['Host']}") or foreign:
        return web.json_response({"error": "Only this machine may use the playground."}, status=403)
    return await handler(request)


def register(app: web.Application, slack: "Playground") -> None:
    """Add the control API's routes, and a text that lists them."""
    for path, act in POSTS.items():
        app.router.add_post(f"/control/{path}", _post(act, slack))
    for path, show in GETS.items():
        app.router.add_get(f"/control/{path}", _get(show, slack))
    app.router.add_get("/control", _help)


async def _help(_: web.Request) -> web.Response:
    return web.Response(text=f"dealcoach playground\n\n{__doc__}")


def _post(act: Act, slack: "Playground") -> Handler:
    async def serve(request: web.Request) -> web.StreamResponse:
        try:
            body = await request.json() if request.can_read_body else {}
            if not isinstance(body, dict):
                raise BadRequest("The body must be a JSON object.")
            if body.get("wait") is False:
                slack.workspace.person(body["user"])
                slack.in_background(_told(act, slack, body))
                return web.json_response({"ok": True})
            return web.json_response(await act(slack, body))
        except MISTAKES as error:
            return _bad(_sentence(error))

    return serve


async def _told(act: Act, slack: "Playground", body: Json) -> None:
    """A gesture nobody waits for: Slackbot tells its maker what went wrong, where Slack would."""
    try:
        reply = await act(slack, body)
    except MISTAKES as error:
        slack.gestures.fail(body["user"], None, _sentence(error))
        return
    if reply.get("error") not in (None, "", "no_reply") and not reply["messages"]:
        slack.gestures.fail(body["user"], None, f'That failed with the error "{reply["error"]}"')


def _sentence(error: Exception) -> str:
    return f"The body lacks {error.args[0]!r}." if type(error) is KeyError else str(error)


def _get(show: Callable[["Playground", web.Request], Json], slack: "Playground") -> Handler:
    async def serve(request: web.Request) -> web.StreamResponse:
        try:
            return web.json_response(show(slack, request))
        except (BadRequest, NoSuchPerson, NoSuchConversation, ValueError) as error:
            return _bad(str(error))

    return serve


def _bad(sentence: str) -> web.Response:
    return web.json_response({"error": sentence}, status=400)


async def _command(slack: "Playground", body: Json) -> Json:
    channel = _channel(slack, body) if body.get("channel") else None
    reply = await slack.command(body["line"], body["user"], channel, within=body.get("within"))
    return reply.as_json()


async def _say(slack: "Playground", body: Json) -> Json:
    channel = _channel(slack, body)
    thread, within = body.get("thread_ts", ""), body.get("within")
    reply = await slack.say(channel, body["text"], body["user"], thread_ts=thread, within=within)
    return reply.as_json()


async def _click(slack: "Playground", body: Json) -> Json:
    user, value = body["user"], body.get("value")
    if body.get("modal"):
        return (await slack.click_modal(body["action_id"], user, value, body.get("values"))).as_json()
    if not body.get("ts"):
        return (await slack.click_home(body["action_id"], user, value)).as_json()
    message = slack.workspace.messages.get(body["ts"])
    if message is None:
        raise BadRequest(f"There is no message {body['ts']!r}. `GET /control/sees` lists them.")
    return (await slack.click(message, body["action_id"], user, value, within=body.get("within"))).as_json()


async def _submit(slack: "Playground", body: Json) -> Json:
    return (await slack.submit(body["user"], body.get("values", {}))).as_json()


async def _close(slack: "Playground", body: Json) -> Json:
    return (await slack.close_modal(body["user"])).as_json()


async def _home(slack: "Playground", body: Json) -> Json:
    return {"view": await slack.open_home(body["user"], body.get("tab", "home"))}


async def _stop(slack: "Playground", body: Json) -> Json:
    await slack.stop_answer(_channel(slack, body), body["thread_ts"], body["user"])
    return {}


async def _invite(slack: "Playground", body: Json) -> Json:
    return {"channel": slack.invite(body["channel"]).as_json()}


async def _faults(slack: "Playground", body: Json) -> Json:
    slack.faults = faults.read(body)
    return {"script": len(slack.faults.script), "chances": dict(slack.faults.chances)}


async def _uninstall(slack: "Playground", _: Json) -> Json:
    await slack.uninstall()
    return {}


def _sees(slack: "Playground", request: web.Request) -> Json:
    query: Any = request.query
    if "user" not in query:
        raise BadRequest("Say whose messages: ?user=priya")
    channel = _channel(slack, query) if query.get("channel") else None
    return {"messages": [{**m.as_json(), "channel": m.channel} for m in slack.sees(query["user"], channel)]}


def _people(slack: "Playground", _: web.Request) -> Json:
    humans = [person for person in slack.workspace.people.values() if not person.is_bot]
    return {
        "people": [{**p.as_json(with_email=True), "direct": slack.workspace.direct(p.id).id} for p in humans],
        "channels": [c.as_json() for c in slack.workspace.conversations.values() if not c.is_direct],
    }


def _ledger(slack: "Playground", request: web.Request) -> Json:
    last = int(request.query.get("last", LEDGER))
    return {
        "calls": [call.as_json() for call in list(slack.calls)[-last:]],
        "stored": slack.stored(),
        "failures": slack.courier.failures[-last:],
    }


def _channel(slack: "Playground", sent: Any) -> str:
    """The channel named; `direct` is the user's direct messages with the bot."""
    channel = str(sent["channel"])
    return slack.direct(sent["user"]).id if channel == "direct" else channel


POSTS: Final = {
    "command": _command,
    "say": _say,
    "click": _click,
    "submit": _submit,
    "close": _close,
    "home": _home,
    "stop": _stop,
    "invite": _invite,
    "faults": _faults,
    "uninstall": _uninstall,
}
GETS: Final = {"sees": _sees, "people": _people, "ledger": _ledger}
