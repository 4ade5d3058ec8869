"""Verification between people (section 5.7) and fingerprints as words (5.1)."""

from __future__ import annotations

import re
from functools import cache
from hashlib import sha256
from pathlib import Path

from .fault import Invalid
from .hashing import h

_LIST = "node_modules/@scure/bip39/wordlists/english.js"
_DIGEST = "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda"  # SHA-256 of english.txt of BIP-39


@cache
def word_list() -> tuple[str, ...] | None:
    """The English words of BIP-39 where npm left them, if they are the right ones; Python brings none."""
    for folder in Path(__file__).resolve().parents:
        if (folder / _LIST).is_file():
            words = tuple(re.findall(r"[a-z]{3,}", (folder / _LIST).read_text().split("`")[1]))
            return words if sha256(("\n".join(words) + "\n").encode()).hexdigest() == _DIGEST else None
    return None


def mnemonic(entropy: bytes) -> list[str] | None:
    """BIP-39: entropy and its checksum in words of 11 bits."""
    words = word_list()
    if words is None:
        return None
    bits = len(entropy) * 8
    value = int.from_bytes(entropy, "big") << bits // 32 | sha256(entropy).digest()[0] >> (8 - bits // 32)
    count = (bits + bits // 32) // 11
    return [words[value >> 11 * (count - 1 - i) & 2047] for i in range(count)]


def digest(org: bytes, one: bytes, other: bytes) -> bytes:
    """What two people compare."""
    return h("verification", org, *sorted((one, other)))


def eight_words(value: bytes) -> list[str] | None:
    """The first eight words of the first 16 bytes."""
    words = mnemonic(value[:16])
    return words and words[:8]


def code(value: bytes) -> str:
    """The code that is scanned."""
    return "muster-verify:1:" + value.hex()


def fits(scanned: str, value: bytes) -> bool:
    """Whether a scanned code is that of this digest; another form is not a code."""
    stripped = scanned.strip()
    if not re.fullmatch(r"muster-verify:1:[0-9a-f]{64}", stripped):
        raise Invalid("not a code")
    return stripped == code(value)
