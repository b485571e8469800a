"""`python -m bot.playground`: a workspace to point an app at, until Ctrl-C."""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from bot.manifest import manifest
from bot.playground.frames import Front
from bot.playground.records import Person
from bot.playground.server import TEAMMATES, Playground


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m bot.playground", description=__doc__)
    parser.add_argument("--port", type=int, default=3210, help="port on 127.0.0.1 (0: any free one)")
    parser.add_argument(
        "--people", type=Path, help='JSON: [{"id": "U_PRIYA", "name": "priya", "email": "..."}]'
    )
    parser.add_argument("--request-url", default="", help="deliver over signed HTTP to this address")
    parser.add_argument("--pace", type=float, default=10.0, help="Slack's rate limits times this; 0: none")
    wanted = parser.parse_args()
    try:
        people = roster(wanted.people)
    except (OSError, ValueError, TypeError) as error:
        parser.error(f"--people {wanted.people}: {error}")
    try:
        asyncio.run(serve(wanted.port, people, wanted.request_url, wanted.pace))
    except OSError as error:
        parser.error(f"--port {wanted.port}: {error.strerror}. Try another, or 0 for any free one.")


def roster(file: Path | None) -> list[Person]:
    """The people of a JSON file; three teammates without one."""
    if file is None:
        return [*TEAMMATES]
    return [Person(**person) for person in json.loads(file.read_text(encoding="utf-8"))]


async def serve(port: int, people: list[Person], request_url: str, pace: float) -> None:
    """Serve until SIGINT or SIGTERM, after printing the variables that point an app here."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    about = Front("Playground", manifest()["features"]["slash_commands"])
    async with Playground(people, port=port, request_url=request_url, pace=pace, about=about) as slack:
        for name, value in slack.environment.items():
            print(f"{name}={value}", flush=True)
        print(f"Open {slack.url}", file=sys.stderr, flush=True)
        await stop.wait()


if __name__ == "__main__":
    main()
