"""Which parameters a server understands: the body of a request, from what is asked."""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from bot.settings import Settings
from prompts.files import Prompt

Profile = Literal["openai", "azure", "compat"]
Body = dict[str, Any]

#: Longest answer, in tokens, thinking included. Source: OWASP LLM10, our budget for one card.
MOST_TOKENS = 900
#: Servers of the `compat` profile choose their own default, some near 1, which invents ids.
TEMPERATURE = 0.3
#: Models that think before they write: at their default the thinking alone would use up the answer.
THINKS = re.compile(r"(gpt-5|o\d)(?!.*(chat|pro))")


def profile(settings: Settings) -> Profile:
    """The profile that is set, or the one that fits the address."""
    if settings.model_profile != "auto":
        return settings.model_profile
    host = urlsplit(settings.openai_base_url).hostname or ""
    if host == "api.openai.com":
        return "openai"
    return "azure" if host.endswith(".azure.com") else "compat"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How to speak to one server."""

    profile: Profile
    model: str

    def body(
        self,
        prompt: Prompt,
        messages: Sequence[Mapping[str, Any]],
        identity: str,
        *,
        schema: Mapping[str, Any] | None = None,
        tools: Sequence[Mapping[str, Any]] = (),
        stream: bool = False,
    ) -> Body:
        """The request, and nothing in it that this server would stumble over.

        Args:
            identity: the person, as a hash; only OpenAI is told.
            schema: the answer's JSON schema; a server may ignore it, so the answer is checked anyway.
        """
        body: Body = {"model": self.model, "messages": list(messages), **self._limits()}
        if self.profile == "openai":
            body |= {"store": False, "prompt_cache_key": prompt.id, "safety_identifier": identity}
        if schema is not None:
            body["response_format"] = _strictly(prompt.name, schema)
        if tools:
            body["tools"] = list(tools)
        if stream:
            body |= {"stream": True, "stream_options": {"include_usage": True}}
        return body

    def _limits(self) -> Body:
        # Azure's other models refuse `prompt_cache_key` and `safety_identifier` with a 400, hence not there.
        if self.profile == "compat":
            return {"max_tokens": MOST_TOKENS, "temperature": TEMPERATURE}
        effort = {"reasoning_effort": "low"} if THINKS.match(self.model) else {}
        return {"max_completion_tokens": MOST_TOKENS, **effort}


def _strictly(name: str, schema: Mapping[str, Any]) -> Body:
    return {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": dict(schema)}}


def identity(settings: Settings, slack_user: str) -> str:
    """A Slack user as a hash that only this installation can make again: 64 hexadecimal digits."""
    secret = settings.slack_bot_token.get_secret_value() or settings.openai_api_key.get_secret_value()
    key = hmac.digest(secret.encode(), f"identity of {settings.workspace}".encode(), "sha256")
    return hmac.new(key, slack_user.encode(), hashlib.sha256).hexdigest()
