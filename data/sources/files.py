"""Paths -> files that are safe to read: found, of a bearable size, in a known encoding, not growing."""

import codecs
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from charset_normalizer import from_bytes

from data.errors import SourceGrowing, SourceMissing, SourceTooLarge, UnreadableSource

SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt", ".parquet")
BLOCK = 1 << 20
GZIP, PARQUET, ZIP = b"\x1f\x8b", b"PAR1", b"PK\x03\x04"
BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True, slots=True)
class SizeLimits:
    """How much a file may hold: bytes once unpacked, and bytes unpacked per byte packed."""

    largest_bytes: int = 20 * 1024**3
    largest_ratio: int = 200


@dataclass(frozen=True, slots=True)
class Scan:
    """What the bytes of a text file tell, all of them having been read once."""

    path: Path
    sha256: str
    encoding: str
    usable: int  # bytes up to the end of the last whole character
    whole_last_line: bool  # the file ends with a line end, as one that was written to its end does
    holds_nul: bool
    stamp: tuple[int, int, int]


def found(paths: Sequence[Path]) -> list[Path]:
    """The files to read: those named, and for a folder those in it that could be tables.

    Raises:
        SourceMissing: a path is not there, or a folder holds nothing to read.
    """
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise SourceMissing(f"No such file: {str(path)!r}.")
        inside = sorted(p for p in path.iterdir() if _is_table(p)) if path.is_dir() else [path]
        if not inside:
            raise SourceMissing(f"The folder {str(path)!r} holds no {', '.join(SUFFIXES)} file.")
        files += inside
    return list(dict.fromkeys(file.resolve() for file in files))


def _is_table(path: Path) -> bool:
    return path.is_file() and path.name.lower().endswith(SUFFIXES) and not path.name.startswith(".")


def stamp(path: Path) -> tuple[int, int, int]:
    """What changes when somebody writes to the file."""
    try:
        told = path.stat()
    except OSError as error:
        raise SourceMissing(f"Cannot read {str(path)!r}: {error.strerror}.") from error
    return told.st_ino, told.st_size, told.st_mtime_ns


def assert_unchanged(path: Path, before: tuple[int, int, int]) -> None:
    """Refuse a file that was written to since `before` was taken.

    Raises:
        SourceGrowing: it was.
    """
    if stamp(path) != before:
        raise SourceGrowing(
            f"{path.name!r} changed while it was read. Load it again once the export is complete."
        )


def is_parquet(path: Path) -> bool:
    """Does the file begin as a Parquet file does?"""
    return _beginning(path).startswith(PARQUET)


def scan(path: Path, limits: SizeLimits) -> Scan:
    """Read a text file's bytes once: its hash, its encoding, and whether it is whole.

    Raises:
        SourceMissing: it is empty or cannot be opened.
        SourceTooLarge: it is over a limit, counted on the bytes really read.
        UnreadableSource: it is a workbook, broken gzip, or text in no known encoding.
    """
    before = stamp(path)
    if _beginning(path).startswith(ZIP):
        raise UnreadableSource(
            f"{path.name!r} is an Excel workbook or a zip file. Save it as CSV and load that."
        )
    digest, size, holds_nul = hashlib.sha256(), 0, False
    for block in _blocks(path, limits):
        digest.update(block)
        size += len(block)
        holds_nul = holds_nul or b"\0" in block
    if not size:
        raise SourceMissing(f"{path.name!r} is empty.")
    encoding, torn, last = _encoding(path, limits)
    nul = holds_nul and not encoding.startswith("utf-16")
    return Scan(path, digest.hexdigest(), encoding, size - torn, last in "\r\n" and not torn, nul, before)


def opened(scanned: Scan) -> TextIO:
    """The file as text, to the end of its last whole character; never more than was scanned."""
    unpacked = _Head(_unpacked(scanned.path), scanned.usable)
    return io.TextIOWrapper(io.BufferedReader(unpacked, BLOCK), scanned.encoding, errors="strict", newline="")


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4)
    except OSError as error:
        raise SourceMissing(f"Cannot read {str(path)!r}: {error.strerror}.") from error


def _unpacked(path: Path) -> BinaryIO:
    if _beginning(path).startswith(GZIP):
        return cast(BinaryIO, gzip.open(path, "rb"))
    return path.open("rb")


def _blocks(path: Path, limits: SizeLimits) -> Iterator[bytes]:
    packed, read = path.stat().st_size, 0
    allowed = min(limits.largest_bytes, max(packed, 4096) * limits.largest_ratio)
    try:
        with _unpacked(path) as file:
            while block := file.read(BLOCK):
                read += len(block)
                if read > allowed:
                    raise SourceTooLarge(_too_large(path, limits, allowed))
                yield block
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UnreadableSource(
            f"{path.name!r} is not whole: its gzip data breaks off or is damaged."
        ) from error


def _too_large(path: Path, limits: SizeLimits, allowed: int) -> str:
    if allowed == limits.largest_bytes:
        return f"{path.name!r} is larger than the limit of {allowed:,} bytes. Split it, or raise the limit."
    return (
        f"{path.name!r} unpacks to more than {limits.largest_ratio} times its size, as only a damaged or "
        f"hostile file does. Unpack it yourself and load the CSV."
    )


def _encoding(path: Path, limits: SizeLimits) -> tuple[str, int, str]:
    """The encoding that reads every byte, the bytes of a torn last character, and the last character."""
    sample = next(_blocks(path, limits))
    damage = None
    for encoding in _candidates(sample):
        try:
            return encoding, *_decoded(path, encoding, limits)
        except UnicodeDecodeError as error:
            damage = damage or error
            if encoding == "utf-8" and error.reason == "mostly utf-8":
                break
    raise UnreadableSource(
        f"{path.name!r} is not text in one encoding (UTF-8, UTF-16 and Windows-1252 were tried). "
        f"Export it again as UTF-8."
    ) from damage


def _candidates(sample: bytes) -> Iterator[str]:
    for mark, encoding in BOMS.items():
        if sample.startswith(mark):
            yield encoding
            return
    zeros = sample[:4096].count(0)
    if zeros > len(sample[:4096]) // 4:
        yield "utf-16-be" if sample[0] == 0 else "utf-16-le"
        return
    yield from ("utf-8", "cp1252")
    guess = from_bytes(sample[: BLOCK // 8]).best()
    if guess is not None:
        yield guess.encoding


def _decoded(path: Path, encoding: str, limits: SizeLimits) -> tuple[int, str]:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    last, beyond_ascii = "", False
    for block in _blocks(path, limits):
        try:
            text = decoder.decode(block)
        except UnicodeDecodeError as error:
            if encoding == "utf-8" and (beyond_ascii or _reads_beyond_ascii(block[: error.start])):
                error.reason = "mostly utf-8"
            raise
        last = text[-1:] or last
        beyond_ascii = beyond_ascii or not text.isascii()
    return len(decoder.getstate()[0]), last


def _reads_beyond_ascii(block: bytes) -> bool:
    try:
        return not block.decode("utf-8").isascii()
    except UnicodeDecodeError:
        return False


class _Head(io.RawIOBase):
    """The first so many bytes of a file."""

    def __init__(self, file: BinaryIO, length: int) -> None:
        self._file, self._left = file, length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        read = self._file.read(min(len(buffer), self._left))
        buffer[: len(read)] = read
        self._left -= len(read)
        return len(read)

    def close(self) -> None:
        self._file.close()
        super().close()
