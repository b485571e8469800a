"""A manager's Monday from the first alert to its end, as the README shows it."""

import io
from pathlib import Path

from rich.console import Console

from tests.monday import acted, draw

README = (Path(__file__).parents[1] / "README.md").read_text()


async def test_a_managers_monday_reads_as_the_readme_shows_it(tmp_path):
    scenes = await acted(tmp_path)
    console = Console(width=92, record=True, file=io.StringIO())
    draw(scenes, console)
    told = {line.strip() for line in console.export_text().splitlines()}
    shown = README.split("<!-- monday -->")[1].split("```")[1].strip().splitlines()
    assert [line for line in shown if line.strip() not in told] == []
    heads = [one["text"]["text"] for scene in scenes for one in scene.blocks if one["type"] == "header"]
    assert heads == [
        "P1 - $92,439 stalled - D03560",
        "Your team's week since 2024-07-12",
        "P1 - $92,439 stalled - D03560",
        "Dana Weber has got it - $92,439 stalled - D03560",
        "Handled by Dana Weber - exec call booked for Tuesday",
        "Resolved: moved to Negotiation, 5 days later",
    ]
