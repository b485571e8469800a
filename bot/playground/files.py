"""The Web API's uploads: an address is asked for, the bytes are put there, the upload is completed.

A file belongs to the bot alone until it is brought into a conversation; an `image` block shows it by its id
once Slack has looked at it.
"""

from typing import Any, Final

from bot.playground.api import Call, checked_blocks, method
from bot.playground.pace import TIER_3, TIER_4
from bot.playground.records import BOT_USER, File, Json
from bot.playground.workspace import Refused, Workspace

MOST: Final = 1024**3  # bytes of one file


@method("files.getUploadURLExternal", scope="files:write", per_minute=TIER_4)
def upload_address(call: Call) -> Json:
    """Where to put the bytes of a file of this name and length."""
    name = str(call.arguments.needed("filename"))
    length = call.arguments.number("length", 0)
    if length < 1:
        raise Refused("invalid_arguments", response_metadata={"messages": ["[ERROR] must be greater than 0"]})
    if length > MOST:
        raise Refused("file_upload_size_restricted")
    file = File(call.workspace.next_id("F"), name, length, str(call.arguments.get("alt_txt") or ""))
    call.workspace.files[file.id] = file
    return {"upload_url": call.upload_url(file.id), "file_id": file.id}


def put(workspace: Workspace, id: str, content: bytes) -> None:
    """Bytes sent to an upload address.

    Raises:
        Refused: no such address, one that was used, or not as many bytes as announced.
    """
    file = workspace.files.get(id)
    if file is None or file.content:
        raise Refused("invalid_upload_url")
    if len(content) != file.length:
        raise Refused("length_mismatch")
    file.content = content


@method("files.completeUploadExternal", scope="files:write", per_minute=TIER_4)
def complete(call: Call) -> Json:
    """The upload is done; with a `channel_id` a message of the bot brings the files there."""
    wanted = call.arguments.needed("files")
    if not isinstance(wanted, list) or not wanted:
        raise Refused("invalid_arguments")
    files = [_uploaded(call.workspace, one) for one in wanted]
    place = _destination(call)
    for file, about in zip(files, wanted, strict=True):
        file.title = str(about.get("title") or file.name)
        file.shown_from = call.workspace.clock() + call.workspace.file_seconds
    if place:
        _share(call, place, files)
    return {"files": [file.as_json() for file in files]}


@method("files.delete", scope="files:write", per_minute=TIER_3)
def delete(call: Call) -> Json:
    """Take a file away, and it out of the messages that brought it."""
    file = _known(call)
    del call.workspace.files[file.id]
    for message in [one for one in call.workspace.messages.values() if file in one.files]:
        call.workspace.edit(message, files=[one for one in message.files if one is not file])
    return {}


@method("files.info", scope="files:read", per_minute=TIER_4)
def info(call: Call) -> Json:
    """One file; it has a `mimetype` once Slack has looked at it."""
    file = _known(call)
    looked_at = {} if call.workspace.shows(file.id) else {"mimetype": ""}
    return {"file": file.as_json() | looked_at}


def _destination(call: Call) -> str:
    """The conversation the files go to; "" keeps them private to the bot.

    Raises:
        Refused: channel_not_found, not_in_channel, is_archived; a user's id is no channel here.
    """
    wanted = str(call.arguments.get("channel_id") or call.arguments.get("channels") or "")
    if wanted in call.workspace.people:
        raise Refused("channel_not_found")
    return call.workspace.postable(wanted).id if wanted else ""


def _share(call: Call, place: str, files: list[File]) -> None:
    """Bring files into a conversation as one message."""
    words = str(call.arguments.get("initial_comment") or "")
    thread = str(call.arguments.get("thread_ts") or "")
    blocks = checked_blocks(call, call.arguments.get("blocks"))
    call.workspace.post(place, BOT_USER, words, thread_ts=thread, files=files, blocks=blocks)
    call.workspace.answered((place, thread))


def _known(call: Call) -> File:
    """The file that is asked about."""
    file = call.workspace.files.get(str(call.arguments.needed("file", "file_not_found")))
    if file is None:
        raise Refused("file_not_found")
    return file


def _uploaded(workspace: Workspace, about: Any) -> File:
    file = workspace.files.get(str(about.get("id"))) if isinstance(about, dict) else None
    if file is None or not file.content:
        raise Refused("file_not_found")
    return file
