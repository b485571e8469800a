"""Block Kit's limits, as a table. `check` takes the blocks of a message, a modal or a Home tab and returns
every problem Slack would answer `invalid_blocks` for, so that our own tests fail before Slack does.

The same table answers for the playground. Blocks we never send (video, file, call) are not in it.

The two native data blocks have no model in slack-sdk 3.47; their published shape is:

    {"type": "data_table",
     "caption": "Win rate by region",                          # a string, required
     "rows": [[{"type": "raw_text", "text": "Region"},         # the first row is the header: no rich_text
               {"type": "raw_text", "text": "Win %"}],
              [{"type": "raw_text", "text": "India"},          # text is never empty: write a dash
               {"type": "raw_number", "value": 45.7, "text": "45.7 %"}]],   # sorted by value, shown as text
     "page_size": 10,                                          # 1 to 100; 5 if left out
     "row_header_column_index": 0}                             # the column that names the row; 0 if left out

    {"type": "data_visualization",
     "title": "Win rate by region",                            # a string
     "chart": {"type": "bar",                                  # bar, line, area
               "series": [{"name": "Win rate", "data": [{"label": "India", "value": 45.7}]}],
               "axis_config": {"categories": ["India"],        # each series has each category once
                               "x_label": "Region", "y_label": "Win rate, %"}}}
    {"type": "data_visualization",
     "title": "Open amount",
     "chart": {"type": "pie", "segments": [{"label": "India", "value": 12}]}}    # values above zero

A column sorts as numbers only when every cell below the header is a raw_number. A container holds neither
of the two (nor another container, nor a card): put a `table` into it, whose rows have the same cells.

Source: docs.slack.dev/reference/block-kit as of 2026-11. Where copies of it differ the smaller limit stands:
data_table 101 rows and 10,000 characters (newer: 201 and 20,000), charts 6 series (newer: 12).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

from bot.blocks.rules import Anything, ByType, Characters, Flag, Many, Number, OneOf, Rule, Shape, problem

Block: TypeAlias = Mapping[str, Any]
Surface: TypeAlias = Literal["message", "modal", "home"]

TEXT_MOST: Final = 40_000  # top-level text of a message
TEXT_ADVISED: Final = 4_000  # longer is shown folded
BLOCKS_MOST: Final[Mapping[str, int]] = {"message": 50, "modal": 100, "home": 100}
MOST_PER_MESSAGE: Final[Mapping[str, int]] = {"table": 1, "data_visualization": 2}
CHARACTERS_PER_MESSAGE: Final[Mapping[str, int]] = {"markdown": 12_000, "table": 10_000, "data_table": 10_000}
ONLY_ON: Final[Mapping[str, frozenset[str]]] = {
    "alert": frozenset({"modal"}),
    "markdown": frozenset({"message"}),
    "context_actions": frozenset({"message"}),
    "plan": frozenset({"message"}),
    "task_card": frozenset({"message"}),
}
SERIES_MOST: Final = 6
POINTS_MOST: Final = 20
COLUMNS_MOST: Final = 20


# ---------------------------------------------------------------- text objects


def _text(most: int, *, plain: bool = False) -> ByType:
    """A text object of at most `most` characters; `plain` refuses mrkdwn."""
    words = {"text": Characters(most)}
    kinds: dict[str, Rule] = {"plain_text": Shape(words, {"emoji": Flag()})}
    if not plain:
        kinds["mrkdwn"] = Shape(words, {"verbatim": Flag()})
    return ByType("text", kinds)


def _plain(most: int) -> ByType:
    return _text(most, plain=True)


# ---------------------------------------------------------------- elements

ACTION: Final[Mapping[str, Rule]] = {"action_id": Characters(255)}
CONFIRM: Final = Shape(
    {"title": _plain(100), "text": _text(300), "confirm": _plain(30), "deny": _plain(30)},
    {"style": OneOf(frozenset({"primary", "danger"}))},
)
ASKING: Final[Mapping[str, Rule]] = {**ACTION, "confirm": CONFIRM, "focus_on_load": Flag()}
OPTION: Final = Shape(
    {"text": _text(75), "value": Characters(150)},
    {"description": _text(75), "url": Characters(3000)},
)
OPTION_GROUP: Final = Shape({"label": _plain(75), "options": Many(OPTION, 100)})
SELECT: Final[Mapping[str, Rule]] = {
    **ASKING,
    "placeholder": _plain(150),
    "options": Many(OPTION, 100),
    "option_groups": Many(OPTION_GROUP, 100),
}
BUTTON: Final = Shape(
    {"text": _plain(75)},
    {
        **ASKING,
        "value": Characters(2000, least=0),
        "url": Characters(3000),
        "style": OneOf(frozenset({"primary", "danger"})),
        "accessibility_label": Characters(75),
    },
)
SLACK_FILE: Final = Shape(may={"id": Characters(255), "url": Characters(3000)}, needs_one_of=("id", "url"))
IMAGE_SOURCE: Final[Mapping[str, Rule]] = {"image_url": Characters(3000), "slack_file": SLACK_FILE}
IMAGE: Final = Shape({"alt_text": Characters(2000)}, IMAGE_SOURCE, needs_one_of=("image_url", "slack_file"))
FEEDBACK_BUTTON: Final = Shape(
    {"text": _plain(75), "value": Characters(2000)}, {"accessibility_label": Characters(75)}
)
ELEMENTS: Final[Mapping[str, Rule]] = {
    "button": BUTTON,
    "static_select": Shape(
        may={**SELECT, "initial_option": OPTION}, needs_one_of=("options", "option_groups")
    ),
    "multi_static_select": Shape(
        may={
            **SELECT,
            "initial_options": Many(OPTION, 100),
            "max_selected_items": Number(1, 100, whole=True),
        },
        needs_one_of=("options", "option_groups"),
    ),
    "overflow": Shape({"options": Many(OPTION, 5)}, {**ACTION, "confirm": CONFIRM}),
    "radio_buttons": Shape({"options": Many(OPTION, 10)}, {**ASKING, "initial_option": OPTION}),
    "checkboxes": Shape({"options": Many(OPTION, 10)}, {**ASKING, "initial_options": Many(OPTION, 10)}),
    "datepicker": Shape(may={**ASKING, "placeholder": _plain(150), "initial_date": Characters(10, 10)}),
    "users_select": Shape(may={**ASKING, "placeholder": _plain(150), "initial_user": Characters(255)}),
    "conversations_select": Shape(
        may={
            **ASKING,
            "placeholder": _plain(150),
            "initial_conversation": Characters(255),
            "default_to_current_conversation": Flag(),
            "response_url_enabled": Flag(),
            "filter": Anything(),
        }
    ),
}
INPUTS: Final[Mapping[str, Rule]] = {
    **{kind: rule for kind, rule in ELEMENTS.items() if kind not in {"button", "overflow"}},
    "plain_text_input": Shape(
        may={
            **ASKING,
            "placeholder": _plain(150),
            "initial_value": Characters(3000, least=0),
            "multiline": Flag(),
            "min_length": Number(0, 3000, whole=True),
            "max_length": Number(1, 3000, whole=True),
            "dispatch_action_config": Anything(),
        }
    ),
    "number_input": Shape(
        {"is_decimal_allowed": Flag()},
        {
            **ASKING,
            "placeholder": _plain(150),
            "initial_value": Characters(255),
            "min_value": Characters(255),
            "max_value": Characters(255),
        },
    ),
}


# ---------------------------------------------------------------- tables and charts


def _alike_rows(block: Block, at: str) -> Iterator[str]:
    """Every row of a data_table is as long as its header, and the header holds no rich text."""
    header, *rows = block["rows"]
    for index, row in enumerate(rows, start=1):
        if len(row) != len(header):
            yield problem(f"row has {len(row)} cells, the header {len(header)}", f"{at}/rows/{index}")
    for index, cell in enumerate(header):
        if cell["type"] == "rich_text":
            yield problem("header cells cannot be rich_text", f"{at}/rows/0/{index}")


def _every_category(chart: Block, at: str) -> Iterator[str]:
    """Every series has exactly the axis' categories, and series names differ."""
    categories = chart["axis_config"]["categories"]
    if len(set(categories)) < len(categories):
        yield problem("categories must be unique", f"{at}/axis_config/categories")
    names = [series["name"] for series in chart["series"]]
    if len(set(names)) < len(names):
        yield problem("series names must be unique", f"{at}/series")
    for index, series in enumerate(chart["series"]):
        if sorted(point["label"] for point in series["data"]) != sorted(categories):
            yield problem("labels must match axis_config.categories", f"{at}/series/{index}/data")


RICH_TEXT: Final = Shape({"elements": Many(Anything(), 1000)}, {"block_id": Characters(255)})
CELL: Final = ByType(
    "table cell",
    {
        "raw_text": Shape({"text": Characters(10_000)}),
        "raw_number": Shape({"value": Number(), "text": Characters(10_000)}),
        "rich_text": RICH_TEXT,
    },
)
COLUMN: Final = Shape(may={"align": OneOf(frozenset({"left", "center", "right"})), "is_wrapped": Flag()})
POINT: Final = Shape({"label": Characters(20), "value": Number()})
SERIES: Final = Shape({"name": Characters(20), "data": Many(POINT, POINTS_MOST)})
AXES: Final = Shape(
    {"categories": Many(Characters(20), POINTS_MOST)},
    {"x_label": Characters(50), "y_label": Characters(50)},
)
XY_CHART: Final = Shape({"series": Many(SERIES, SERIES_MOST), "axis_config": AXES}, also=(_every_category,))
SEGMENT: Final = Shape({"label": Characters(20), "value": Number(positive=True)})
CHART: Final = ByType(
    "chart",
    {
        "bar": XY_CHART,
        "line": XY_CHART,
        "area": XY_CHART,
        "pie": Shape({"segments": Many(SEGMENT, SERIES_MOST)}),
    },
)


# ---------------------------------------------------------------- blocks

ID: Final[Mapping[str, Rule]] = {"block_id": Characters(255)}
STATUS: Final = OneOf(frozenset({"pending", "in_progress", "complete", "error"}))
TASK: Final = Shape(
    {"task_id": Characters(255), "title": Characters(256), "status": STATUS},
    {**ID, "details": Anything(), "output": Anything(), "sources": Anything()},
)
SIMPLE: Final[Mapping[str, Rule]] = {  # those a container may hold
    "section": Shape(
        may={
            **ID,
            "text": _text(3000),
            "fields": Many(_text(2000), 10),
            "accessory": ByType("element", {**ELEMENTS, "image": IMAGE}),
            "expand": Flag(),
        },
        needs_one_of=("text", "fields"),
    ),
    "header": Shape({"text": _plain(150)}, {**ID, "level": Number(1, 4, whole=True)}),
    "divider": Shape(may=ID),
    "context": Shape(
        {"elements": Many(ByType("element", {**_text(3000).rules, "image": IMAGE}), 10)},
        ID,
    ),
    "actions": Shape({"elements": Many(ByType("element", ELEMENTS), 25)}, ID),
    "image": Shape(
        {"alt_text": Characters(2000)},
        {**ID, **IMAGE_SOURCE, "title": _plain(2000)},
        needs_one_of=("image_url", "slack_file"),
    ),
    "rich_text": RICH_TEXT,
    "table": Shape(
        {"rows": Many(Many(CELL, COLUMNS_MOST), 100)},
        {**ID, "column_settings": Many(COLUMN, COLUMNS_MOST)},
    ),
    "input": Shape(
        {"label": _plain(2000), "element": ByType("element", INPUTS)},
        {**ID, "hint": _plain(2000), "optional": Flag(), "dispatch_action": Flag()},
    ),
}
CARD: Final = Shape(
    may={
        **ID,
        "title": _text(150),
        "subtitle": _text(150),
        "body": _text(200),
        "subtext": _text(200),
        "icon": ByType("element", {"image": IMAGE}),
        "hero_image": ByType("element", {"image": IMAGE}),
        "actions": Many(ByType("element", {"button": BUTTON}), 3),
    },
    needs_one_of=("title", "body", "hero_image", "actions"),
)
BLOCKS: Final[Mapping[str, Rule]] = {
    **SIMPLE,
    "markdown": Shape({"text": Characters(12_000)}, ID),
    "data_table": Shape(
        {"caption": Characters(10_000), "rows": Many(Many(CELL, COLUMNS_MOST), 101, least=2)},
        {
            **ID,
            "page_size": Number(1, 100, whole=True),
            "row_header_column_index": Number(0, COLUMNS_MOST - 1, whole=True),
        },
        also=(_alike_rows,),
    ),
    "data_visualization": Shape({"title": Characters(50), "chart": CHART}, ID),
    "container": Shape(
        {"child_blocks": Many(ByType("container child", SIMPLE), 10)},
        {
            **ID,
            "title": _plain(150),
            "rich_text_title": Anything(),
            "subtitle": _text(150),
            "width": OneOf(frozenset({"narrow", "standard", "wide", "full"})),
            "icon": ByType("element", {"image": IMAGE}),
            "is_collapsible": Flag(),
            "default_collapsed": Flag(),
            "has_header_divider": Flag(),
        },
        needs_one_of=("title", "rich_text_title"),
    ),
    "context_actions": Shape(
        {
            "elements": Many(
                ByType(
                    "element",
                    {
                        "feedback_buttons": Shape(
                            {"positive_button": FEEDBACK_BUTTON, "negative_button": FEEDBACK_BUTTON}, ACTION
                        ),
                        "icon_button": Shape(
                            {"text": _plain(75), "icon": OneOf(frozenset({"trash"}))},
                            {**ASKING, "value": Characters(2000), "accessibility_label": Characters(75)},
                        ),
                    },
                ),
                5,
            )
        },
        ID,
    ),
    "card": CARD,
    "carousel": Shape({"elements": Many(ByType("card", {"card": CARD}), 10)}, ID),
    "alert": Shape(
        {"text": _text(200)},
        {**ID, "level": OneOf(frozenset({"default", "info", "warning", "error", "success"}))},
    ),
    "task_card": TASK,
    "plan": Shape({"title": Characters(256)}, {**ID, "tasks": Many(ByType("task", {"task_card": TASK}), 50)}),
}


# ---------------------------------------------------------------- the whole message


def _everywhere(blocks: Sequence[Any], kind: str) -> list[Block]:
    """The blocks of one type, those inside containers included."""
    nested = [child for block in blocks for child in _children(block)]
    return [block for block in [*blocks, *nested] if isinstance(block, dict) and block.get("type") == kind]


def _children(block: Any) -> list[Any]:
    children = block.get("child_blocks") if isinstance(block, dict) else None
    return children if isinstance(children, list) else []


def _characters(block: Block) -> int:
    """Characters that count towards a message's total: a block's markdown, or the text of its cells."""
    if block["type"] == "markdown":
        return len(block["text"])
    return sum(_cell_characters(cell) for row in block["rows"] for cell in row)


def _cell_characters(value: Any) -> int:
    if isinstance(value, dict):
        own = len(value["text"]) if isinstance(value.get("text"), str) else 0
        return own + sum(_cell_characters(inner) for inner in value.values() if isinstance(inner, list))
    return sum(map(_cell_characters, value)) if isinstance(value, list) else 0


def _places(blocks: Sequence[Any], surface: Surface, at: str) -> Iterator[str]:
    """Blocks on a surface that does not show them, or with an id that another block has."""
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        kind, name = (block.get("type"), block.get("block_id")) if isinstance(block, dict) else (None, None)
        if isinstance(kind, str) and surface not in ONLY_ON.get(kind, {surface}):
            yield problem(f"unsupported block type on a {surface}: {kind}", f"{at}/{index}")
        if isinstance(name, str) and name in seen:
            yield problem(f"block_id {name!r} is used twice", f"{at}/{index}/block_id")
        seen.update([name] if isinstance(name, str) else [])


def _totals(blocks: Sequence[Any], at: str) -> Iterator[str]:
    """More blocks of one type, or more characters in them, than one message carries."""
    for kind, most in MOST_PER_MESSAGE.items():
        if len(_everywhere(blocks, kind)) > most:
            yield problem(f"no more than {most} {kind} blocks allowed", at)
    for kind, most in CHARACTERS_PER_MESSAGE.items():
        if sum(map(_characters, _everywhere(blocks, kind))) > most:
            yield problem(f"{kind} blocks hold more than {most} characters together", at)


def check(blocks: Any, surface: Surface = "message", *, at: str = "/blocks") -> list[str]:
    """Every reason Slack would refuse these blocks on this surface, each with a JSON pointer; empty if none.

    >>> check([{"type": "header", "text": {"type": "plain_text", "text": ""}}])
    ['must be more than 0 characters [json-pointer:/blocks/0/text/text]']
    """
    found = [*Many(ByType("block", BLOCKS), BLOCKS_MOST[surface], least=0).problems(blocks, at)]
    if isinstance(blocks, list):
        found += _places(blocks, surface, at)
        found += () if found else _totals(blocks, at)  # totals rely on each block being well-formed
    return found


def types(blocks: Sequence[Any]) -> frozenset[str]:
    """The types of these blocks, those inside containers included.

    >>> sorted(types([{"type": "container", "child_blocks": [{"type": "divider"}]}]))
    ['container', 'divider']
    """
    nested = [child for block in blocks for child in _children(block)]
    return frozenset(str(block["type"]) for block in [*blocks, *nested])


def check_text(text: str) -> list[str]:
    """Why Slack would not carry this as the text of a message; empty if it would."""
    return (
        [problem(f"must be less than {TEXT_MOST + 1} characters", "/text")] if len(text) > TEXT_MOST else []
    )
