"""What an entry says (the table of bodies in section 4.4)."""

from __future__ import annotations

from typing import Any

from .cbor import ID, TIME, U32, array, ascending, boolean, choice, decode, exactly, octets, record, row, sint, text, uint, union

ROLES = ("commander", "officer", "responder", "observer", "archivist")
ROLE = choice(*ROLES)
OPERATIONS = frozenset(("remove", "add", "role", "policy", "fork"))

READINESS = record(
    {
        1: ("listVersion", U32),
        2: ("relays", array(ID, 100)),
        3: ("relaysTotal", uint(1000)),
        4: ("clockOffsetMs", sint),
        5: ("app", text(40)),
        6: ("factor", choice("passphrase")),
    }
)
BODY = union(
    {
        1: ("text", {1: ("text", text(40000))}),
        2: ("alarm", {1: ("drill", ID), 2: ("startedAtMs", TIME)}),
        3: ("raised", {1: ("drill", ID), 2: ("readiness", READINESS)}),
        4: (
            "answer",
            {
                1: ("drill", ID),
                2: ("answer", choice("there", "need-help", "not-available")),
                3: ("standInFor?", ID),
                4: ("readiness", READINESS),
            },
        ),
        5: ("relay", {1: ("relay", ID), 2: ("up", boolean), 3: ("sinceMs", TIME)}),
        6: ("close", {1: ("drill", ID), 2: ("cut", array(row(ID, U32), 1200))}),
        7: (
            "remove",
            {1: ("members", ascending(64)), 2: ("devices", ascending(64)), 3: ("cut", array(row(ID, U32), 1024))},
        ),
        8: ("add", {1: ("members", ascending(64)), 2: ("devices", ascending(64))}),
        9: ("role", {1: ("member", ID), 2: ("role", ROLE)}),
        10: (
            "policy",
            {
                1: ("history", choice("none", "all")),
                2: ("horizon", choice("default", "high")),
                3: ("retentionDays?", uint(36525, 1)),
            },
        ),
        11: ("fork", {1: ("proof", octets(8192))}),
        12: ("prekey", {1: ("record", octets(1500))}),
        14: (
            "file",
            {
                1: ("file", ID),
                2: ("salt", exactly(16)),
                3: ("key", ID),
                4: ("name", text(255)),
                5: ("size", uint(104857600)),
            },
        ),
        13: (
            "verified",
            {1: ("member", ID), 2: ("digest", ID), 3: ("how", choice("words", "code")), 4: ("holds", boolean)},
        ),
    }
)


def read_body(data: bytes) -> dict[str, Any]:
    """A body; `malformed` where it cannot be read. The entry that carries it is sound all the same."""
    return dict(decode(BODY, data))
