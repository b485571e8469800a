"""The Web API's `chat.*`, `reactions.*` and `assistant.threads.*`: what an app says."""

from typing import Any, Final

from bot.playground.api import Call, checked_blocks, checked_text, method
from bot.playground.pace import TIER_2, TIER_3, TIER_4
from bot.playground.records import BOT_USER, Json, Message
from bot.playground.workspace import Refused

LOADING_MOST: Final = 10  # loading messages of a status
PROMPTS_MOST: Final = 4  # suggested prompts


@method("chat.postMessage", scope="chat:write", posts=True)
def post_message(call: Call) -> Json:
    """A message in a channel the bot is in, or in the direct messages with a user."""
    arguments = call.arguments
    conversation = call.workspace.postable(arguments.needed("channel", "channel_not_found"))
    message = call.workspace.post(
        conversation.id,
        BOT_USER,
        checked_text(call),
        blocks=checked_blocks(call, arguments.get("blocks")),
        metadata=_metadata(call),
        thread_ts=str(arguments.get("thread_ts") or ""),
    )
    call.workspace.answered((message.channel, message.thread_ts))
    return {"channel": conversation.id, "ts": message.ts, "message": message.as_json()}


@method("chat.postEphemeral", scope="chat:write", per_minute=TIER_4)
def post_ephemeral(call: Call) -> Json:
    """A message in a channel that only one of its members sees."""
    arguments = call.arguments
    conversation = call.workspace.postable(arguments.needed("channel", "channel_not_found"))
    reader = arguments.needed("user", "user_not_found")
    if reader not in conversation.members:
        raise Refused("user_not_in_channel")
    message = call.workspace.post(
        conversation.id,
        BOT_USER,
        checked_text(call),
        blocks=checked_blocks(call, arguments.get("blocks")),
        thread_ts=str(arguments.get("thread_ts") or ""),
        seen_only_by=reader,
    )
    return {"message_ts": message.ts}


@method("chat.update", scope="chat:write", per_minute=TIER_3)
def update(call: Call) -> Json:
    """Replace what one of the bot's own messages says; blocks and metadata stay unless given."""
    message = _own(call, refusal="cant_update_message")
    if _flows(call, message):
        raise Refused("streaming_state_conflict")
    changes: Json = {"text": checked_text(call)}
    if "blocks" in call.arguments:
        changes["blocks"] = checked_blocks(call, call.arguments["blocks"])
    if call.arguments.get("metadata"):
        changes["metadata"] = _metadata(call)
    call.workspace.edit(message, **changes)
    return {"channel": message.channel, "ts": message.ts, "text": message.text, "message": message.as_json()}


@method("chat.delete", scope="chat:write", per_minute=TIER_3)
def delete(call: Call) -> Json:
    """Take one of the bot's own messages away."""
    message = _own(call, refusal="cant_delete_message")
    call.workspace.delete(message)
    return {"channel": message.channel, "ts": message.ts}


@method("chat.getPermalink")
def permalink(call: Call) -> Json:
    """A link to a message."""
    channel = call.workspace.readable(call.arguments.needed("channel", "channel_not_found")).id
    ts = str(call.arguments.needed("message_ts", "message_not_found"))
    if ts not in {message.ts for message in call.workspace.lasting(channel)}:
        raise Refused("message_not_found")
    link = f"https://playground.slack.com/archives/{channel}/p{ts.replace('.', '')}"
    return {"channel": channel, "permalink": link}


@method("chat.startStream", scope="chat:write", per_minute=TIER_2)
def start_stream(call: Call) -> Json:
    """A message that grows, in a thread; in a channel it must say for whom."""
    arguments = call.arguments
    conversation = call.workspace.postable(arguments.needed("channel", "channel_not_found"))
    if not conversation.is_direct and not arguments.get("recipient_user_id"):
        raise Refused("missing_recipient_user_id")
    message = call.workspace.post(
        conversation.id,
        BOT_USER,
        _streamed(call),
        thread_ts=str(arguments.needed("thread_ts", "invalid_thread_ts")),
        streaming=True,
        expires=call.workspace.clock() + call.workspace.stream_seconds,
    )
    return {"channel": conversation.id, "ts": message.ts}


@method("chat.appendStream", scope="chat:write", per_minute=TIER_4)
def append_stream(call: Call) -> Json:
    """More words for a message that grows."""
    message = _stream(call)
    call.workspace.edit(message, text=message.text + _streamed(call))
    return {"channel": message.channel, "ts": message.ts}


@method("chat.stopStream", scope="chat:write", per_minute=TIER_2)
def stop_stream(call: Call) -> Json:
    """The last words, and blocks below them."""
    message = _stream(call)
    blocks = checked_blocks(call, call.arguments.get("blocks"))
    call.workspace.edit(message, text=message.text + _streamed(call), blocks=blocks, streaming=False)
    call.workspace.answered((message.channel, message.thread_ts))
    return {"channel": message.channel, "ts": message.ts, "message": message.as_json()}


@method("reactions.add", scope="reactions:write", per_minute=TIER_3)
def react(call: Call) -> Json:
    """The bot's reaction to a message."""
    channel = call.workspace.readable(call.arguments.needed("channel", "channel_not_found")).id
    message = call.workspace.messages.get(str(call.arguments.needed("timestamp", "no_item_specified")))
    if message is None or message.channel != channel:
        raise Refused("message_not_found")
    reaction = (str(call.arguments.needed("name", "invalid_name")), BOT_USER)
    if reaction in message.reactions:
        raise Refused("already_reacted")
    call.workspace.edit(message, reactions=[*message.reactions, reaction])
    return {}


@method("assistant.threads.setStatus", scope="chat:write")
def set_status(call: Call) -> Json:
    """What the bot is doing in a thread, with lines to show in turn; empty clears it."""
    lines = call.arguments.get("loading_messages") or []
    if len(lines) > LOADING_MOST:
        raise Refused("invalid_arguments")
    call.workspace.set_status(_thread(call), str(call.arguments.get("status") or ""), lines)
    return {}


@method("assistant.threads.setSuggestedPrompts", scope="chat:write", per_minute=TIER_3)
def set_suggested_prompts(call: Call) -> Json:
    """What a person could ask, as buttons in the agent's tab or in one of its threads."""
    channel = call.workspace.readable(call.arguments.needed("channel_id", "channel_not_found")).id
    prompts = call.arguments.needed("prompts")
    if len(prompts) > PROMPTS_MOST or not all(one.get("title") and one.get("message") for one in prompts):
        raise Refused("invalid_arguments")
    shown = {"title": call.arguments.get("title") or "", "prompts": prompts}
    thread = str(call.arguments.get("thread_ts") or "")
    call.workspace.suggestions[channel, thread] = shown
    call.workspace.tell("prompts", channel, thread)
    return {}


@method("assistant.threads.setTitle", scope="chat:write", per_minute=TIER_3)
def set_title(call: Call) -> Json:
    """What a thread with the agent is called in the list of them."""
    place = _thread(call)
    call.workspace.titles[place] = str(call.arguments.needed("title"))
    call.workspace.tell("title", *place)
    return {}


def _thread(call: Call) -> tuple[str, str]:
    channel = call.workspace.readable(call.arguments.needed("channel_id", "channel_not_found")).id
    return channel, str(call.arguments.needed("thread_ts", "invalid_thread_ts"))


def _own(call: Call, refusal: str) -> Message:
    channel = call.workspace.postable(call.arguments.needed("channel", "channel_not_found")).id
    ts = str(call.arguments.needed("ts", "message_not_found"))
    return call.workspace.own_message(channel, ts, refusal=refusal)


def _stream(call: Call) -> Message:
    message = _own(call, refusal="message_not_owned_by_app")
    if not _flows(call, message):
        raise Refused("message_not_in_streaming_state")
    return message


def _flows(call: Call, message: Message) -> bool:
    """Does a message still grow? Slack ends a stream by itself after a while."""
    return message.streaming and call.workspace.clock() <= message.expires


def _streamed(call: Call) -> str:
    """The words of a streaming call, from `markdown_text` or its chunks."""
    chunks: list[Any] = call.arguments.get("chunks") or []
    words = [str(chunk.get("text", "")) for chunk in chunks if chunk.get("type") == "markdown_text"]
    text = "".join([str(call.arguments.get("markdown_text") or ""), *words])
    if len(text) > 12_000:
        raise Refused("msg_too_long")
    return text


def _metadata(call: Call) -> Json | None:
    """The metadata of a message: `event_type` and `event_payload`, as Slack insists."""
    metadata = call.arguments.get("metadata")
    if not metadata:
        return None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_payload"), dict):
        raise Refused("invalid_metadata_format")
    if not isinstance(metadata.get("event_type"), str):
        raise Refused("invalid_metadata_schema")
    return metadata
