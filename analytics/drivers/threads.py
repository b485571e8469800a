"""Linear algebra and trees -> on one thread: the same sums in the same order, no fight over busy cores."""

from functools import cache
from typing import Any


def single_thread() -> Any:
    """A context in which one thread does it all.

    It brings scikit-learn, which takes two seconds: to be entered only where something is fitted, or where a
    model of scikit-learn's is scored.
    """
    return _controller().limit(limits=1)


@cache
def _controller() -> Any:
    """What limits the libraries; a limit holds for those that are there when this is made."""
    import sklearn.ensemble  # noqa: F401
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

    return ThreadpoolController()
