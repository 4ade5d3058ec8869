"""Judges scenario.json: sets of operations, entries and grants in several orders of delivery."""

from __future__ import annotations

from typing import Any

from muster_verify.counts import voids
from muster_verify.entry import Entry, read_entry
from muster_verify.epoch import Epoch, View, accept_grant, is_for
from muster_verify.fault import Fault
from muster_verify.grown import only_grown
from muster_verify.membership import Membership
from muster_verify.muster_list import MusterList, read_list
from muster_verify.operation import Here, Operation, operation_of
from muster_verify.payload import read_payload
from muster_verify.room import Room, read_room


class Device:
    """What one device holds of the room. Operations come as by a `log`, other entries along their feeds."""

    def __init__(self, room: Room, muster: MusterList) -> None:
        self.room, self.muster = room, muster
        self.waiting: list[Entry] = []
        self.operations: list[Operation] = []
        self.feeds: dict[bytes, list[Entry]] = {}
        self.named_by: dict[bytes, set[bytes]] = {}

    def take(self, data: bytes) -> None:
        """An entry comes; what waited is tried again."""
        entry = read_entry(data, self.room.id, self.muster.keys())
        self.waiting.append(entry)
        while any([self._place(e) for e in list(self.waiting)]):
            pass

    def _place(self, entry: Entry) -> bool:
        here = {o.id for o in self.operations}
        if not all(i in here for i in entry.control):
            return False
        moved = False
        operation = operation_of(entry, self.muster.keys())
        if operation and entry.id not in here:
            self.operations.append(operation)
            moved = True
        feed = self.feeds.setdefault(entry.device, [])
        joins = entry.seq == len(feed) and entry.previous == (feed[-1].id if feed else None)
        if joins:
            feed.append(entry)
        if joins or operation:
            for i in entry.control:
                self.named_by.setdefault(i, set()).add(entry.device)
        if joins or entry.seq < len(feed):
            self.waiting.remove(entry)
            moved = True
        return moved

    def membership(self) -> Membership:
        return Membership(self.room, self.muster, Here(self.operations), self.named_by)


def grant_code(m: Membership, grant: dict[str, Any]) -> tuple[str, Epoch | None, View]:
    """What a grant gives at this moment."""
    here = m.here
    view = View(
        m.room.id, m.muster.version, m.roster(m.now), lambda i: i in here.all,
        lambda ids: m.roster(m.outcome(ids, False)), lambda ids: only_grown(m, ids),
    )  # fmt: skip
    try:
        epoch = accept_grant(read_payload(bytes.fromhex(grant["payload"])), view, bytes.fromhex(grant["to"]))
    except Fault as fault:
        return fault.code, None, view
    return "ok", epoch, view


def play(scenario: dict[str, Any], order: list[str], room: Room, muster: MusterList) -> dict[str, Any]:
    """Delivers in one order; what comes out, and which grants waited."""
    device, waits = Device(room, muster), []
    names: dict[bytes, str] = {}
    for name in order:
        if name in scenario["entries"]:
            data = bytes.fromhex(scenario["entries"][name])
            names[read_entry(data, room.id, muster.keys()).id] = name
            device.take(data)
        elif grant_code(device.membership(), scenario["grants"][name])[0] == "unknown-reference":
            waits.append(name)
    m = device.membership()
    grants = {name: grant_code(m, grant) for name, grant in scenario["grants"].items()}
    sendable = [
        (e.announcement.opened, e.announcement.id, -e.bucket, name)  # held from bucket 0 is worth more
        for name, (_, e, view) in grants.items()
        if e and is_for(e.announcement, view)
    ]
    ranges = {d: voids(m, feed) for d, feed in device.feeds.items() if feed}
    return {
        "waits": sorted(waits),
        "verdicts": {names[i]: m.verdict(i) for i in m.here.all},
        "people": {p: {"role": r, "depth": d} for p, (r, d) in m.now.people.items()},
        "roster": list(m.roster(m.now)),
        "policy": {"history": m.now.history, "horizon": m.now.horizon},
        "heads": sorted(names[i] for i in m.heads()),
        "contested": sorted(names[i] for i in m.final.contested),
        "voids": {d: some for d, some in ranges.items() if some},
        "grants": {n: code for n, (code, _, _) in grants.items()},
        "sentIn": max(sendable)[-1] if sendable else None,
    }


def differences(content: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """For each scenario and order: its name, and each field that differs."""
    members = {p["member"]: name for name, p in content["people"].items()}
    devices = {d: name for p in content["people"].values() for name, d in p["devices"].items()}
    lists = {name: read_list(bytes.fromhex(data)) for name, data in content["lists"].items()}
    out = []
    for s in content["scenarios"]:
        muster = lists[s["list"]]
        room = read_room(bytes.fromhex(s.get("room", content["room"])), muster.org.id)
        for number, order in enumerate(s["orders"]):
            got = play(s, order["deliver"], room, muster)
            got["people"] = {members[m.hex()]: v for m, v in got["people"].items()}
            got["roster"] = sorted(devices[d.hex()] for d in got["roster"])
            got["voids"] = {
                devices[d.hex()]: [{"from": a, **({} if b is None else {"to": b})} for a, b in some]
                for d, some in got["voids"].items()
            }
            expected = {**s["expect"], "waits": sorted(order["waits"])}
            expected |= {k: sorted(expected[k]) for k in ("heads", "contested", "roster")}
            wrong = [f"{k}: {expected[k]} in the vector, {got.get(k)} here" for k in expected if expected[k] != got.get(k)]
            out.append((f"{s['name']} (order {number + 1})", wrong))
    return out
