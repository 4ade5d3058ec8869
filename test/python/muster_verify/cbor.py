"""The CBOR subset of section 1.1: one deterministic form, read along an expected shape."""

from __future__ import annotations

from typing import Any, Callable

from .fault import Fault, need

MAX = 2**53 - 1


class Reader:
    """A cursor over bytes. Trusts no length before that many bytes are there."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        need(count <= len(self.data) - self.at, "malformed", "ends early")
        self.at += count
        return self.data[self.at - count : self.at]

    def head(self) -> tuple[int, int]:
        """Major type and argument, in the shortest form only. Simple values give their additional information."""
        first = self.take(1)[0]
        major, info = first >> 5, first & 31
        if major == 7:
            need(info in (20, 21), "malformed", "simple value")
            return 7, info
        need(major != 6, "malformed", "tag")
        if info < 24:
            return major, info
        need(info < 28, "malformed", "reserved or indefinite length")
        size = 1 << (info - 24)
        value = int.from_bytes(self.take(size), "big")
        need(value >= (24, 256, 2**16, 2**32)[info - 24], "malformed", "longer than needed")
        need(value <= MAX, "malformed", "too large")
        return major, value

    def argument(self, major: int) -> int:
        got, value = self.head()
        need(got == major, "malformed", f"major type {got} where {major} is due")
        return value


Shape = Callable[[Reader], Any]


def decode(shape: Shape, data: bytes, most: int | None = None) -> Any:
    """Reads `data`, of at most `most` bytes, as `shape`, and nothing after it."""
    need(most is None or len(data) <= most, "malformed", "too long")
    reader = Reader(data)
    value = shape(reader)
    need(reader.at == len(data), "malformed", "bytes after the end")
    return value


def uint(most: int = MAX, least: int = 0) -> Shape:
    """An unsigned integer, least … most."""

    def read(r: Reader) -> int:
        value = r.argument(0)
        need(least <= value <= most, "malformed", "out of range")
        return value

    return read


U8, U16, U32 = uint(255), uint(65535), uint(2**32 - 1)
TIME = uint()


def sint(r: Reader) -> int:
    """A signed integer, −(2^53 − 1) … 2^53 − 1."""
    major, value = r.head()
    need(major in (0, 1), "malformed", "not an integer")
    if major == 0:
        return value
    need(value < MAX, "malformed", "too small")
    return -1 - value


def boolean(r: Reader) -> bool:
    """`true` or `false`."""
    major, info = r.head()
    need(major == 7, "malformed", "not a bool")
    return info == 21


def octets(most: int, least: int = 0) -> Shape:
    """A byte string of least … most bytes."""

    def read(r: Reader) -> bytes:
        size = r.argument(2)
        need(least <= size <= most, "malformed", "length of a byte string")
        return r.take(size)

    return read


def exactly(size: int) -> Shape:
    """A byte string of one size."""
    return octets(size, size)


ID, SIGNATURE = exactly(32), exactly(64)


def text(most: int) -> Shape:
    """A text of at most `most` bytes of well-formed UTF-8. Python refuses overlong forms and surrogates."""

    def read(r: Reader) -> str:
        size = r.argument(3)
        need(size <= most, "malformed", "length of a text")
        try:
            return r.take(size).decode("utf-8")
        except UnicodeDecodeError:
            raise Fault("malformed", "not UTF-8") from None

    return read


def array(shape: Shape, most: int, least: int = 0) -> Shape:
    """An array of least … most items of one shape."""

    def read(r: Reader) -> list[Any]:
        count = r.argument(4)
        need(least <= count <= most, "malformed", "length of an array")
        return [shape(r) for _ in range(count)]

    return read


def ascending(most: int, item: Shape = ID) -> Shape:
    """A set: byte strings that strictly ascend."""

    def read(r: Reader) -> list[bytes]:
        items: list[bytes] = array(item, most)(r)
        need(all(a < b for a, b in zip(items, items[1:])), "malformed", "a set out of order")
        return items

    return read


def row(*shapes: Shape) -> Shape:
    """An array of fixed length, each place with its own shape."""

    def read(r: Reader) -> list[Any]:
        need(r.argument(4) == len(shapes), "malformed", "length of a row")
        return [shape(r) for shape in shapes]

    return read


def choice(*words: str) -> Shape:
    """One of some words, by its index from 0."""

    def read(r: Reader) -> str:
        index = r.argument(0)
        need(index < len(words), "malformed", "unknown choice")
        return words[index]

    return read


def record(fields: dict[int, tuple[str, Shape]]) -> Shape:
    """A map with ascending unsigned keys. A name that ends in `?` may be missing."""

    def read(r: Reader) -> dict[str, Any]:
        count = r.argument(5)
        need(count <= len(fields), "malformed", "more fields than the structure has")
        out: dict[str, Any] = {}
        last = -1
        for _ in range(count):
            key = r.argument(0)
            need(key > last and key in fields, "malformed", "field out of order or unknown")
            name, shape = fields[key]
            out[name.rstrip("?")] = shape(r)
            last = key
        need(all(n.endswith("?") or n in out for n, _ in fields.values()), "malformed", "a field is missing")
        return out

    return read


def union(kinds: dict[int, tuple[str, dict[int, tuple[str, Shape]]]]) -> Shape:
    """A tagged union: an array of a tag and a map. The word of the tag is given as `type`."""

    def read(r: Reader) -> dict[str, Any]:
        need(r.argument(4) == 2, "malformed", "a union of other than two")
        tag = r.argument(0)
        need(tag in kinds, "malformed", "unknown tag")
        word, fields = kinds[tag]
        return {"type": word, **record(fields)(r)}

    return read
