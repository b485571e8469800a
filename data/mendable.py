"""The family of errors that the reader can mend."""


class Mendable(Exception):
    """The message is one sentence for the reader: what is wrong, which one, what to do.

    Every room's own tree of such errors grows from here; any other exception is ours to mend.
    """

    @property
    def for_readers(self) -> str:
        """The same for who only asks questions: it names no place on our machines."""
        return str(self)
