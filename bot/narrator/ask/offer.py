"""The tools as a request offers them: names, what the prompt says of each, their arguments as JSON schema."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from bot.narrator.ask.tools import TOOLS, Tool
from prompts import files


@cache
def offered() -> list[dict[str, Any]]:
    """The tools as a request offers them: the same for everybody, each told by its line in the prompt."""
    told = dict(re.findall(r"^- `(\w+)`: (.+)$", files.prompt("route").text.template, re.MULTILINE))
    return [
        {
            "type": "function",
            "function": {"name": name, "description": told[name], "parameters": _schema(tool)},
        }
        for name, tool in TOOLS.items()
    ]


def _schema(tool: type[Tool]) -> dict[str, Any]:
    """A tool's arguments as JSON schema, short and without references, which not every server follows."""
    schema = tool.model_json_schema()
    plain = _plain(schema, schema.pop("$defs", {}))
    assert isinstance(plain, dict)
    return plain


def _plain(schema: Any, parts: Mapping[str, Any]) -> Any:
    match schema:
        case {"$ref": str(reference)}:
            return _plain(parts[reference.rpartition("/")[2]], parts)
        case {"anyOf": [one, {"type": "null"}]}:
            return _plain(one, parts)
        case dict():
            kept = {
                key: part for key, part in schema.items() if key != "default" and not _is_remark(key, part)
            }
            return {key: _plain(part, parts) for key, part in kept.items()}
        case list():
            return [_plain(part, parts) for part in schema]
    return schema


def _is_remark(key: str, part: Any) -> bool:
    """Is it a word about the schema, and no property of that name?"""
    return key in ("title", "description", "maxLength") and not isinstance(part, dict)
