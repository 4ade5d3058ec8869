"""Leaves of a muster list (section 5.4)."""

from __future__ import annotations

from typing import Any

from .body import ROLE, ROLES
from .cbor import ID, TIME, U32, array, boolean, choice, decode, exactly, octets, record, text, uint, union
from .fault import need

KINDS = ("member", "name", "contact", "relay", "drill", "rendezvous", "primary", "former", "policy")
TAGS = dict(enumerate(KINDS, 1))
MUST_BE_THERE = frozenset((1, 4, 5, 8))  # a tag that is not known may be left out
SPAN = uint(7 * 24 * 3600 * 1000)

DEVICE = record({1: ("certificate", octets(1024)), 2: ("prekey", octets(1500)), 3: ("since", U32)})
PATH = record(
    {
        1: ("kind", choice("phone", "mobile", "satellite", "radio", "email", "address", "other")),
        2: ("value", text(200)),
        3: ("apart", boolean),
    }
)
BODY = union(
    {
        1: (
            "member",
            {
                1: ("member", ID),
                2: ("identity", ID),
                3: ("role", ROLE),
                4: ("unit", text(120)),
                5: ("deputies", array(ID, 8)),
                6: ("devices", array(DEVICE, 16)),
                7: ("held?", ROLE),
            },
        ),
        2: ("name", {1: ("member", ID), 2: ("name", text(120))}),
        3: (
            "contact",
            {1: ("member", ID), 2: ("zone", text(60)), 3: ("paths", array(PATH, 12)), 4: ("confirmed?", TIME)},
        ),
        4: (
            "relay",
            {1: ("relay", ID), 2: ("name", text(120)), 3: ("addresses", array(text(200), 8)), 4: ("operator", text(120))},
        ),
        5: (
            "drill",
            {
                1: ("drill", ID),
                2: ("sequence", uint(1000000)),
                3: ("title", text(120)),
                4: ("announced", boolean),
                5: ("from", TIME),
                6: ("to", TIME),
                7: ("scenario", text(2000)),
                8: ("injects", array(text(300), 20)),
                9: ("coordinators", array(ID, 8, 1)),
                10: ("open_within", SPAN),
                11: ("answer_within", SPAN),
                12: ("escalate_after", SPAN),
                13: ("close_after", SPAN),
                14: ("percent", uint(100)),
            },
        ),
        6: ("rendezvous", {1: ("secret", ID)}),
        7: (
            "primary",
            {1: ("domains", array(text(253), 100)), 2: ("networks", array(text(50), 100)), 3: ("notes", text(2000))},
        ),
        8: (
            "former",
            {
                1: ("member", ID),
                2: ("identity", ID),
                3: ("certificate", octets(1024)),
                4: ("role", ROLE),
                5: ("since", U32),
                6: ("until", U32),
            },
        ),
        9: ("policy", {1: ("retention?", uint(36525, 1)), 2: ("evidence?", uint(36525, 1))}),
    }
)
LEAF = record({1: ("salt", exactly(16)), 2: ("body", BODY)})


def read_leaf(data: bytes) -> dict[str, Any]:
    """The body of a leaf, with what must hold within it."""
    body: dict[str, Any] = decode(LEAF, data, 49152)["body"]
    if body["type"] == "drill":
        need(body["from"] <= body["to"] and body["answer_within"] <= body["close_after"], "malformed", "a drill")
    if body["type"] == "member" and "held" in body:
        need(ROLES.index(body["held"]) < ROLES.index(body["role"]), "malformed", "held is not above the role")
    if body["type"] == "former":
        need(body["since"] < body["until"], "malformed", "left before it came")
    return body
