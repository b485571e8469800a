"""Snapshots of open deals in; when each open deal will be decided, and its chance to be won by a date, out.

Won and lost are kept apart as cumulative incidences at `HORIZONS`; deals still open count only as long as
they were followed. Fitting needs scikit-learn; everything else is numpy alone.
"""

from analytics.closing.curves import HORIZONS, anchored, remaining, won_by
from analytics.closing.fit import fit
from analytics.closing.timing import Timing

__all__ = ["HORIZONS", "Timing", "anchored", "fit", "remaining", "won_by"]
