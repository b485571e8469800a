"""What is sent to the model's server, whole, for each profile: a parameter nobody meant fails here."""

import json
import re
from pathlib import Path
from string import Template

import httpx2
import pytest
from pydantic import SecretStr

from bot import settings as config
from bot.model import Asker, Model
from bot.model.profiles import identity, profile
from prompts.files import Prompt

REQUESTS = Path(__file__).parent / "requests"
PROMPT = Prompt("narrate", "1", Template("Choose claims."), "0123456789abcdef")
ASKER = Asker("main", "U1", "answer")
MESSAGES = [{"role": "system", "content": "Choose claims."}, {"role": "user", "content": "c1 c2"}]
SCHEMA = {"type": "object", "properties": {"blocks": {"type": "array"}}, "additionalProperties": False}
TOOLS = [{"type": "function", "function": {"name": "page", "parameters": {"type": "object"}, "strict": True}}]

#: Address, model's name and what `auto` makes of the address.
SERVERS = {
    "openai": ("https://api.openai.com/v1", "gpt-5-mini"),
    "azure": ("https://sales.openai.azure.com/openai/v1/", "our-deployment"),
    "compat": ("http://localhost:11434/v1", "qwen3:8b"),
}


def settings(url="https://api.openai.com/v1", **more):
    key = SecretStr("sk-secret-key")
    return config.load(openai_api_key=key, openai_base_url=url, slack_bot_token=SecretStr("xoxb-1"), **more)


class Recorder(httpx2.MockTransport):
    """Keeps every request, and answers the least a server may."""

    def __init__(self):
        super().__init__(self.answer)
        self.requests = []

    def answer(self, request):
        self.requests.append(request)
        if json.loads(request.content).get("stream"):
            said = {"choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": "stop"}]}
            content = f"data: {json.dumps(said)}\n\ndata: [DONE]\n\n"
            return httpx2.Response(200, headers={"content-type": "text/event-stream"}, text=content)
        message = {"role": "assistant", "content": "a"}
        return httpx2.Response(200, json={"choices": [{"message": message, "finish_reason": "stop"}]})


async def sent(call, **more):
    """The one request that a call makes."""
    recorder = Recorder()
    model = Model(settings(**more), transport=recorder)
    if call == "stream":
        assert [piece async for piece in model.stream(PROMPT, MESSAGES, SCHEMA, ASKER)] == ["a"]
    else:
        assert (await model.choose(PROMPT, MESSAGES, TOOLS, ASKER)).text == "a"
    await model.aclose()
    (request,) = recorder.requests
    return request


@pytest.mark.parametrize("call", ["stream", "choose"])
@pytest.mark.parametrize("server", SERVERS)
async def test_a_request_is_exactly_the_one_on_file(server, call):
    url, name = SERVERS[server]
    request = await sent(call, url=url, model=name)
    assert json.loads(request.content) == json.loads((REQUESTS / f"{server}_{call}.json").read_text())


@pytest.mark.parametrize("server", SERVERS)
async def test_a_request_goes_to_the_address_in_the_settings_with_the_key_as_bearer(server):
    url, name = SERVERS[server]
    request = await sent("stream", url=url, model=name)
    assert str(request.url) == f"{url.rstrip('/')}/chat/completions"
    assert request.headers["authorization"] == "Bearer sk-secret-key"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.openai.com/v1", "openai"),
        ("https://sales.openai.azure.com/openai/v1/", "azure"),
        ("https://sales.services.ai.azure.com/openai/v1", "azure"),
        ("https://api.openai.com.example.com/v1", "compat"),
        ("https://notazure.com/v1", "compat"),
        ("http://127.0.0.1:11434/v1", "compat"),
    ],
)
def test_the_profile_follows_the_host_not_what_the_address_contains(url, expected):
    assert profile(settings(url)) == expected


def test_a_profile_that_is_set_is_the_profile():
    assert profile(settings("https://llm.example.com/v1", model_profile="openai")) == "openai"


@pytest.mark.parametrize("name", ["gpt-4.1-mini", "gpt-5-chat-latest", "gpt-5-pro"])
async def test_a_model_that_knows_no_low_effort_is_not_asked_for_it(name):
    assert "reasoning_effort" not in json.loads((await sent("choose", model=name)).content)


async def test_no_request_names_the_slack_user():
    for server, (url, name) in SERVERS.items():
        request = await sent("stream", url=url, model=name)
        assert b"U1" not in request.content, server
        assert "U1" not in str(request.headers), server


def test_a_person_is_the_same_hash_here_and_another_elsewhere():
    here = identity(settings(), "U1")
    assert re.fullmatch("[0-9a-f]{64}", here)  # OpenAI takes 64 characters
    assert here == identity(settings(), "U1") != identity(settings(), "U2")
    assert here != identity(settings(workspace="other"), "U1")


@pytest.mark.parametrize(
    "url", ["http://llm.example.com/v1", "http://10.0.0.5:8000/v1", "ftp://x/v1", "localhost"]
)
def test_questions_leave_this_machine_only_over_tls(url):
    with pytest.raises(config.SettingsError, match=r"OPENAI_BASE_URL.*https"):
        settings(url)
