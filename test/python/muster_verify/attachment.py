"""Attachments (section 4.10): the index, the chunks and the one envelope of each."""

from __future__ import annotations

from dataclasses import dataclass

from .aead import seal
from .fault import need
from .hashing import h, kdf, u32

CHUNK = 65532
PADDED = 65536


@dataclass(frozen=True)
class File:
    """What the entry of a file says of its bytes."""

    id: bytes
    salt: bytes
    key: bytes
    size: int

    @property
    def count(self) -> int:
        """Chunks without the index."""
        return -(-self.size // CHUNK)

    @property
    def topic(self) -> bytes:
        return kdf(self.key, "topic-file", 32, self.id)


def check(file: File, index: bytes, number: int, data: bytes) -> None:
    """A chunk against its leaf; number 0 against the id of the file."""
    if number == 0:
        need(len(data) == 32 * file.count, "malformed", "an index that does not fit")
        need(h("file", file.salt, u32(file.size), data) == file.id, "bad-signature", "an index of another file")
        return
    need(number <= file.count, "malformed", "beyond the end")
    need(len(data) == min(CHUNK, file.size - (number - 1) * CHUNK), "malformed", "not the size of its place")
    leaf = index[32 * (number - 1) : 32 * number]
    need(h("file-chunk", file.salt, u32(number), data) == leaf, "bad-signature", "not what the index names")


def seal_chunk(file: File, index: bytes, number: int, data: bytes) -> bytes:
    """The envelope of a chunk, the same whoever makes it."""
    check(file, index, number, data)
    header = b"\x01\x03" + u32(number)
    nonce = kdf(file.key, "file-nonce", 24, file.id, u32(number))
    return header + seal(file.key, nonce, header, (u32(len(data)) + data).ljust(PADDED, b"\0"))
