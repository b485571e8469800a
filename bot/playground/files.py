"""The Web API's uploads: an address is asked for, the bytes are put there, the upload is completed.

A file belongs to the bot alone; an `image` block shows it by its id once Slack has looked at it.
"""

from typing import Any, Final

from bot.playground.api import Call, method
from bot.playground.pace import TIER_4
from bot.playground.records import File, Json
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
    """The upload is done. The playground keeps every file private: it shares none with a channel."""
    wanted = call.arguments.needed("files")
    if not isinstance(wanted, list) or not wanted:
        raise Refused("invalid_arguments")
    if call.arguments.get("channel_id") or call.arguments.get("channels"):
        raise Refused("invalid_arguments", response_metadata={"messages": ["[ERROR] unsupported: channel"]})
    files = [_uploaded(call.workspace, one) for one in wanted]
    for file, about in zip(files, wanted, strict=True):
        file.title = str(about.get("title") or file.name)
        file.shown_from = call.workspace.clock() + call.workspace.file_seconds
    return {"files": [{"id": file.id, "title": file.title} for file in files]}


def _uploaded(workspace: Workspace, about: Any) -> File:
    file = workspace.files.get(str(about.get("id"))) if isinstance(about, dict) else None
    if file is None or not file.content:
        raise Refused("file_not_found")
    return file
