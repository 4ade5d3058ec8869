"""Operations of a room and the words of section 6.2: past, surplus, closure, bases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterable

from .body import OPERATIONS, read_body
from .entry import Entry, Fork, Keys, read_fork
from .fault import Fault
from .muster_list import MusterList, rank
from .room import Room

TAKEN = 256


@dataclass(frozen=True)
class Operation:
    """An entry with a body of kind remove, add, role, policy or fork."""

    entry: Entry
    body: dict[str, Any]
    fork: Fork | None = None  # of a fork whose proof reads

    @property
    def id(self) -> bytes:
        return self.entry.id

    @property
    def device(self) -> bytes:
        return self.entry.device

    @property
    def kind(self) -> str:
        return str(self.body["type"])

    @property
    def place(self) -> tuple[int, bytes]:
        return self.entry.seq, self.entry.id

    def cut(self, device: bytes) -> int:
        """What a removal's field 3 says for a device, the first time it does; 0 where it says nothing."""
        return next((n for d, n in self.body["cut"] if d == device), 0)


def operation_of(entry: Entry, keys: Keys) -> Operation | None:
    """The operation an entry is, if it is one."""
    if entry.body is None:
        return None
    try:
        body = read_body(entry.body)
    except Fault:
        return None
    if body["type"] not in OPERATIONS:
        return None
    fork = None
    if body["type"] == "fork":
        try:
            fork = read_fork(body["proof"], entry.room, keys)
        except Fault:
            pass
    return Operation(entry, body, fork)


class Here:
    """The operations that are here: each with all that its field 7 names."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self.all: dict[bytes, Operation] = {}  # each after those it names
        waiting = list(operations)
        while True:
            ready = [o for o in waiting if all(n in self.all for n in o.entry.control)]
            if not ready:
                break
            self.all |= {o.id: o for o in ready}
            waiting = [o for o in waiting if o.id not in self.all]
        by_device: dict[bytes, list[Operation]] = {}
        for o in self.all.values():
            by_device.setdefault(o.device, []).append(o)
        self.surplus = {
            o.id for some in by_device.values() for o in sorted(some, key=lambda o: o.place)[TAKEN:]
        }
        self.past: dict[bytes, frozenset[bytes]] = {}
        for o in self.all.values():
            self.past[o.id] = self.closure(o.entry.control)

    def closure(self, ids: Iterable[bytes]) -> frozenset[bytes]:
        """These without the surplus, and the pasts of all of these."""
        ids = list(ids)
        return frozenset(i for i in ids if i not in self.surplus).union(*(self.past[i] for i in ids))

    def same_time(self, a: bytes, b: bytes) -> bool:
        """Whether two were made at the same time: neither knew the other."""
        return a != b and a not in self.past[b] and b not in self.past[a]


@dataclass(frozen=True)
class Base:
    """What an outcome begins with: the role a list gives to each member, and those of them who are in the room."""

    roles: dict[bytes, str]
    people: dict[bytes, tuple[str, int]]


def base(room: Room, muster: MusterList, ever: bool) -> Base:
    """The base *now*, or *ever*."""
    roles = {m: str(leaf["role"]) for m, leaf in muster.members.items()}
    if ever:
        given: dict[bytes, list[str]] = {m: [r] for m, r in roles.items()}
        for m, leaf in muster.members.items():
            if "held" in leaf:
                given[m].append(leaf["held"])
        for d in muster.former.values():
            given.setdefault(d.member, []).append(str(d.role))
        roles = {m: max(some, key=rank) for m, some in given.items()}
    people = {m: (r, 0) for m, r in roles.items() if room.members is None or m in room.members}
    founder = muster.member_of(room.founder) if room.founder is not None else None
    if founder in people and founder is not None:
        people[founder] = ("commander", 0)
    return Base(roles, people)
