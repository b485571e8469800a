"""The family of errors that the reader can mend."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Self


class Mendable(Exception):
    """The message is one sentence for the reader: what is wrong, which one, what to do.

    Every room's own tree of such errors grows from here; any other exception is ours to mend.

    Attributes:
        code: the same sentence is `refusal.<code>` where other languages are known; "" where it is not.
        slots: what stands in it there.
    """

    code: str = ""
    slots: Mapping[str, object] = MappingProxyType({})

    def called(self, code: str, **slots: object) -> Self:
        """The same error, with the name of its sentence."""
        self.code, self.slots = code, slots
        return self

    @property
    def for_readers(self) -> str:
        """The same for who only asks questions: it names no place on our machines."""
        return str(self)
