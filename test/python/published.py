"""Vectors of others for the primitives, as far as this verifier uses them: whether each comes out as published."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Callable, Iterator

from muster_verify import ed25519, xwing
from muster_verify.aead import xchacha_open
from muster_verify.fault import Fault

Results = Iterator[tuple[str, bool]]
octets = bytes.fromhex


def _opens(v: dict[str, Any]) -> bool:
    try:
        plain = xchacha_open(*(octets(v[k]) for k in ("key", "nonce", "aad", "sealed")))
    except Fault:
        return v.get("result") == "invalid"
    return v.get("result", "valid") == "valid" and plain.hex() == v["plain"]


def _holds(public: str, v: dict[str, Any]) -> bool:
    return ed25519.verify_raw(octets(public), octets(v["signature"]), octets(v["message"]))


def _mixed(content: dict[str, Any]) -> Results:
    for v in content["blake2b"]["vectors"]:
        key, size = octets(v.get("key", "")), len(v["hash"]) // 2
        message = octets(v["message"])
        yield "blake2b", blake2b(message, key=key, digest_size=size).hexdigest() == v["hash"]
    for v in content["xchacha20poly1305"]["vectors"]:
        yield "xchacha20poly1305", _opens(v)
    for key in content["smallOrder"]["keys"]:
        yield f"small order {key}", ed25519.is_small_order(octets(key))


def _blake2b(content: dict[str, Any]) -> Results:
    """The text of number n is the bytes 0, 1, … n − 1; the key the bytes 0 … 63."""
    for name, key in (("unkeyed", b""), ("keyed", bytes(range(64)))):
        for n, expected in enumerate(content[name]):
            yield f"{name} {n}", blake2b(bytes(i % 256 for i in range(n)), key=key).hexdigest() == expected


def _ed25519(content: dict[str, Any]) -> Results:
    for name, part in content.items():
        for n, v in enumerate(part["vectors"]):
            yield f"{name} {n}", _holds(v["public"], v)


def _speccheck(content: dict[str, Any]) -> Results:
    for v in content["vectors"]:
        yield v["about"], _holds(v["public"], v) == v["taken"]


def _wycheproof(content: dict[str, Any]) -> Results:
    for group in content["groups"]:
        for v in group["tests"]:
            yield str(v["id"]), _holds(group["public"], v) == (v["result"] == "valid")


def _xchacha(content: dict[str, Any]) -> Results:
    for v in content["vectors"]:
        yield str(v["id"]), _opens(v)


def _xwing(content: dict[str, Any]) -> Results:
    for n, v in enumerate(content["vectors"] if xwing.can_open() else []):
        yield str(n), xwing.decapsulate(octets(v["seed"]), octets(v["ct"])).hex() == v["ss"]


def _x25519(content: dict[str, Any]) -> Results:
    for n, v in enumerate(content["vectors"]):
        scalar, point, out = (octets(v[a] if a in v else v[b]) for a, b in _X25519_NAMES)
        try:
            yield str(n), xwing.x25519(scalar, point) == out
        except ValueError:  # all zeros
            yield str(n), not any(out)


_X25519_NAMES = (("scalar", "private"), ("u", "public"), ("out", "shared"))

PUBLISHED: dict[str, Callable[[dict[str, Any]], Results]] = {
    "published": _mixed,
    "blake2b": _blake2b,
    "ed25519": _ed25519,
    "ed25519Speccheck": _speccheck,
    "ed25519Wycheproof": _wycheproof,
    "x25519": _x25519,
    "x25519Wycheproof": _x25519,
    "xchacha20poly1305Wycheproof": _xchacha,
    "xwing": _xwing,
}
