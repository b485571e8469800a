"""Why a load was refused: one sentence for the person who can mend it.

LoadError                   nothing was published, the last good load still stands
├── SourceMissing           no such file, or nothing in it
├── UnreadableSource        not text, CSV, gzip or Parquet that can be read to its end
├── SourceGrowing           the file changed while it was read
├── SourceTooLarge          over the limit of size, or of decompression
├── UnknownProfile          no mapping profile of that name, or its YAML is wrong
├── MissingColumns          a required column has no counterpart in the file
├── NoDeals                 not one deal to keep
├── TooManyRejects          more rows than the limit were rejected
├── Shrunk                  far fewer deals than the last good load
├── LoadRunning             another load is writing to the same folder
└── CannotStore             the folder is read-only or the disk is full
"""

from data.mendable import Mendable


class LoadError(Mendable):
    """A load was refused; the message says what, which and what to do."""


class SourceMissing(LoadError):
    """No such file, or nothing in it."""


class UnreadableSource(LoadError):
    """A file that is not text, CSV, gzip or Parquet that can be read to its end."""


class SourceGrowing(LoadError):
    """The file changed while it was read."""


class SourceTooLarge(LoadError):
    """A file over the limit of size, or of decompression."""


class UnknownProfile(LoadError):
    """No mapping profile of that name, or its YAML is wrong."""


class MissingColumns(LoadError):
    """A required column has no counterpart in the file."""


class NoDeals(LoadError):
    """There is not one deal to keep."""


class TooManyRejects(LoadError):
    """More rows than the limit were rejected."""


class Shrunk(LoadError):
    """The source holds far fewer deals than the last good load."""


class LoadRunning(LoadError):
    """Another load is writing to the same folder."""


class CannotStore(LoadError):
    """The folder of data is read-only, or the disk is full."""
