"""What was learned about when deals are decided: scored with numpy alone, kept as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from analytics.closing import ages
from analytics.closing.curves import HORIZONS
from analytics.closing.hazards import Hazards
from analytics.spans import RiskTable

Floats = NDArray[np.float64]
Frame = Any
Kind = Literal["snapshots", "ages", "nothing"]


@dataclass(frozen=True, slots=True)
class Timing:
    """When deals are decided: by stage, clock and age (`snapshots`), by `ages` alone, or `nothing`."""

    kind: Kind
    deals: int  # decided deals it rests on
    hazards: Hazards | None = None
    tables: Mapping[str, RiskTable] = field(default_factory=dict)

    def curves(self, frame: Frame) -> tuple[Floats, Floats]:
        """Chances to be won, and to be lost, by each of `HORIZONS` days after the snapshot.

        Args:
            frame: columns of `analytics.landmarks`, as a DataFrame or by name; outcomes are not looked at.

        Returns:
            Two arrays, one row per snapshot and one column per horizon: never falling, together at most 1;
            nan where nothing is known.
        """
        if self.hazards is not None:
            return self.hazards.curves(frame)
        return ages.curves(self.tables, frame)

    def to_json(self) -> dict[str, Any]:
        """Everything needed to score, as JSON can hold it."""
        kept = {"kind": self.kind, "deals": self.deals, "horizons": list(HORIZONS)}
        hazards = self.hazards.to_json() if self.hazards else None
        return kept | {"hazards": hazards, "tables": ages.to_json(self.tables)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """What `to_json` wrote."""
        hazards = Hazards.from_json(kept["hazards"]) if kept["hazards"] else None
        return cls(kept["kind"], kept["deals"], hazards, ages.from_json(kept["tables"]))
