"""Frames between device and relay (section 3)."""

from __future__ import annotations

from typing import Any

from .cbor import ID, SIGNATURE, TIME, U8, U32, array, choice, decode, exactly, octets, row, text, uint, union
from .fault import need

ENVELOPE = octets(131072, 32)
REFUSALS = (
    "not-admitted malformed too-large rate quota busy unsupported-version disk wrong-order rolled-back bad-signature"
    " broken"
).split()

FROM_DEVICE = union(
    {
        1: ("hello", {1: ("versions", array(U8, 8))}),
        2: ("proof", {1: ("org", ID), 2: ("access", ID), 3: ("signature", SIGNATURE)}),
        3: ("append", {1: ("ref", U32), 2: ("items", array(row(ID, ENVELOPE), 512))}),
        4: ("tail", {1: ("topic", ID), 2: ("from", uint())}),
        5: ("untail", {1: ("topic", ID)}),
        6: ("cast", {1: ("topic", ID), 2: ("bytes", octets(65536, 32))}),
        7: ("admit", {1: ("ref", U32), 2: ("list", octets(524288))}),
    }
)
FROM_RELAY = union(
    {
        1: ("challenge", {1: ("version", U8), 2: ("nonce", ID), 3: ("store", exactly(16)), 4: ("timeMs", TIME)}),
        2: ("welcome", {1: ("admission", uint()), 2: ("timeMs", TIME)}),
        3: ("appended", {1: ("ref", U32), 2: ("receipts", array(row(uint(), TIME), 512))}),
        4: ("deliver", {1: ("topic", ID), 2: ("items", array(row(uint(), TIME, ENVELOPE), 512))}),
        5: ("live", {1: ("topic", ID), 2: ("upTo", uint())}),
        6: ("cast", {1: ("topic", ID), 2: ("bytes", octets(65536))}),
        7: ("admitted", {1: ("ref", U32), 2: ("version", uint())}),
        8: (
            "refused",
            {
                1: ("ref?", U32),
                2: ("topic?", ID),
                3: ("code", choice(*REFUSALS)),
                4: ("text", text(200)),
                5: ("retryAfterMs?", uint(86400000)),
            },
        ),
    }
)


def read_frame(data: bytes, sender: str) -> dict[str, Any]:
    """One frame of a device or of a relay."""
    need(len(data) <= 1048576, "too-large")
    return dict(decode(FROM_DEVICE if sender == "device" else FROM_RELAY, data))
