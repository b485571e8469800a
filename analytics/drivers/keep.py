"""A model <-> text whose checksum is compared before anything in it is read.

    DriversError
    `-- DamagedModel     the text is damaged or not what was written

Additive models are JSON, scored with numpy alone; boosted ones are pickled: so the checksum comes first. It
finds damage, not malice: who may write into the data folder is trusted.
"""

import base64
import hashlib
import io
import json
from typing import Any

from analytics.drivers.additive import Additive
from analytics.drivers.model import Model
from data.mendable import Mendable

_BROKEN = "The win-probability model is damaged: {}. Make it anew: `dealcoach refresh --full`."


class DriversError(Mendable):
    """The win-probability model cannot be used."""


class DamagedModel(DriversError):
    """The text is damaged or not what was written."""


def packed(model: Model) -> str:
    """The model as text: its SHA-256 in the first line, then kind, horizon, and JSON or a pickle."""
    is_additive = isinstance(model.fitted, Additive)
    inside = json.dumps(model.fitted.to_json()) if is_additive else _pickled(model.fitted)  # type: ignore[attr-defined]
    content = f"{model.kind}\n{model.horizon}\n{inside}"
    return f"{_sum(content)}\n{content}"


def unpacked(text: str) -> Model:
    """The model that `packed` wrote.

    Raises:
        DamagedModel: the checksum is not that of the rest; then nothing of it was read.
    """
    expected, _, content = text.partition("\n")
    if _sum(content) != expected:
        raise DamagedModel(_BROKEN.format("its checksum differs"))
    try:
        kind, horizon, inside = content.split("\n", 2)
        fitted = _unpickled(inside) if kind == "boosting" else Additive.from_json(json.loads(inside))
        return Model(fitted, int(horizon), kind)
    except (ValueError, KeyError, TypeError) as problem:
        raise DamagedModel(_BROKEN.format("it is no model")) from problem


def _pickled(fitted: Any) -> str:
    import joblib

    written = io.BytesIO()
    joblib.dump(fitted, written)
    return base64.b64encode(written.getvalue()).decode()


def _unpickled(inside: str) -> Any:
    import joblib

    return joblib.load(io.BytesIO(base64.b64decode(inside)))


def _sum(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()
