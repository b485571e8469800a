"""A column of texts -> codes, so that each text is looked at once and everything after that is arithmetic."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Texts:
    """A column: the place of each row's value among `names`. Not every name need be in some row."""

    names: tuple[str, ...]
    codes: NDArray[np.int64]

    @staticmethod
    def of(values: Iterable[Any]) -> "Texts":
        """The column of these values.

        >>> Texts.of(["b", "a", "b"]).codes.tolist()
        [1, 0, 1]
        """
        given = list(values)
        names = tuple(sorted(set(given), key=str))
        place = {name: number for number, name in enumerate(names)}
        return Texts(names, np.array([place[value] for value in given], np.int64))

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, chosen: Any) -> "Texts":
        return Texts(self.names, self.codes[chosen])

    @property
    def count(self) -> NDArray[np.int64]:
        """How many rows have each name."""
        return np.bincount(self.codes, minlength=len(self.names))

    def distinct(self) -> list[str]:
        """The values of the rows, each once, in order."""
        return sorted(self.names[code] for code in np.flatnonzero(self.count))

    def places(self, known: Sequence[str]) -> NDArray[np.int64]:
        """The place of each row's value among the known ones, -1 for any other.

        >>> Texts.of(["b", "x", "a"]).places(("a", "b")).tolist()
        [1, -1, 0]
        """
        place = {value: number for number, value in enumerate(known)}
        return np.array([place.get(name, -1) for name in self.names], np.int64)[self.codes]

    def beside(self, other: "Texts") -> "Texts":
        """The column of both values together.

        >>> Texts.of(["a", "a"]).beside(Texts.of(["x", "y"])).distinct()
        ['a\\x1fx', 'a\\x1fy']
        """
        width = len(other.names)
        pairs, codes = np.unique(self.codes * width + other.codes, return_inverse=True)
        names = [f"{self.names[pair // width]}\x1f{other.names[pair % width]}" for pair in pairs]
        return Texts(tuple(names), codes)


def joined(parts: Sequence[Texts]) -> Texts:
    """Parts of one column, one after the other."""
    return Texts(parts[0].names, np.concatenate([part.codes for part in parts]))
