"""Who is in a room (section 6.2): rights, outcomes, verdicts, heads."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Iterable, Mapping

from .muster_list import MusterList, rank
from .operation import Base, Here, Operation, base
from .room import Room
from .settle import Settled, settle

Ids = frozenset[bytes]


@dataclass(frozen=True)
class Outcome:
    """People with role and distance, devices that are out, and the policy."""

    people: dict[bytes, tuple[str, int]]
    out: frozenset[bytes]
    history: str
    horizon: str

    def has(self, member: bytes | None, device: bytes) -> bool:
        """Whether this member is in and the device not out."""
        return member in self.people and device not in self.out


class Membership:
    """Everything section 6.2 says of one room, one list and a set of operations."""

    def __init__(self, room: Room, muster: MusterList, here: Here, named_by: Mapping[bytes, set[bytes]]) -> None:
        self.room, self.muster, self.here, self.named_by = room, muster, here, named_by
        self.bases = {ever: base(room, muster, ever) for ever in (False, True)}
        self.rights: dict[bytes, str] = {}  # operation: `now` or `backing`
        self.unbacked: set[bytes] = set()
        self.parents: dict[bytes, Ids] = {}
        self._settled: dict[Ids, Settled] = {}
        self._outcomes: dict[tuple[Ids, bool], Outcome] = {}
        self._strikes: dict[tuple[bytes, bytes], bool] = {}
        for o in here.all.values():
            right = self._right(o)
            if right:
                self.rights[o.id] = right
            self.parents[o.id] = frozenset().union(
                *({n} if n in self.rights else self.parents[n] for n in o.entry.control)
            )

    def member(self, device: bytes) -> bytes | None:
        """member(d)."""
        return self.muster.member_of(device)

    def out_of_place(self, o: Operation) -> bool:
        """Surplus, or it knew an operation of its own device with the same or a higher seq."""
        mine = (self.here.all[i] for i in self.here.past[o.id])
        return o.id in self.here.surplus or any(p.device == o.device and p.place[0] >= o.place[0] for p in mine)

    def _right(self, o: Operation) -> str | None:
        member = self.member(o.device)
        ever = self.outcome(o.entry.control, True)
        if self.out_of_place(o) or not ever.has(member, o.device):
            return None
        if any(self.member(self.here.all[u].device) == member for u in self.unbacked & self.here.past[o.id]):
            return None
        if o.kind == "fork":
            return "now" if o.fork else None
        if o.device in self.muster.devices and self.allows(o, self.outcome(o.entry.control, False), False):
            return "now"
        if not self.allows(o, ever, True):
            return None
        if self._backed(o):
            return "backing"
        self.unbacked.add(o.id)
        return None

    def _backed(self, o: Operation) -> bool:
        by = set(self.named_by.get(o.id, ()))
        for later, past in self.here.past.items():
            if o.id in past:
                by |= self.named_by.get(later, set())
        return any(d in self.muster.devices and self.member(d) != self.member(o.device) for d in by)

    def allows(self, o: Operation, outcome: Outcome, ever: bool) -> bool:
        """The table *What an outcome allows*."""
        author = self.member(o.device)
        if author not in outcome.people or author is None:
            return False
        role = outcome.people[author][0]
        if o.kind == "fork" or role == "commander":
            return True
        if o.kind == "add":
            return role == "officer"
        if o.kind != "remove":
            return False
        targets = [*o.body["members"], *(self.member(d) for d in o.body["devices"])]

        def may(target: bytes | None) -> bool:
            if target == author:
                return True
            if role != "officer":
                return False
            known = outcome.people[target][0] if target in outcome.people else None
            known = known or self.bases[ever].roles.get(target or b"")
            return known is None or rank(known) < rank("officer")

        return all(may(t) for t in targets)

    def strikes(self, a: bytes, b: bytes) -> bool:
        """Whether a strikes b; both have the right."""
        if (a, b) not in self._strikes:
            self._strikes[a, b] = self.here.same_time(a, b) and self._hits(self.here.all[a], self.here.all[b].device)
        return self._strikes[a, b]

    def puts_out(self, o: Operation, device: bytes) -> bool:
        """A removal that names the device or its member, or a fork that convicts it."""
        if o.kind == "remove":
            return device in o.body["devices"] or self.member(device) in o.body["members"]
        return o.fork is not None and o.fork.device == device

    def _hits(self, a: Operation, device: bytes) -> bool:
        if a.kind != "role":
            return self.puts_out(a, device)
        had = self.outcome(a.entry.control, True).people.get(a.body["member"])
        return self.member(device) == a.body["member"] and had is not None and rank(a.body["role"]) < rank(had[0])

    def seniority(self, i: bytes) -> tuple[int, int, bytes, int, bytes]:
        """Smallest first."""
        o = self.here.all[i]
        member = self.member(o.device) or b""
        role = self.outcome(o.entry.control, True).people.get(member)
        return (-rank(role[0]) if role else 0, role[1] if role else 0, member, *o.place)

    def settled(self, ids: Iterable[bytes]) -> Settled:
        """The operations with the right of a closure, settled."""
        some = frozenset(i for i in self.here.closure(ids) if i in self.rights)
        if some not in self._settled:
            self._settled[some] = settle(self, some)
        return self._settled[some]

    def stands_without(self, i: bytes, gone: set[bytes]) -> bool:
        """Whether an operation keeps its right with some of what it knew taken away."""
        o = self.here.all[i]
        kept = self.settled(o.entry.control).accepted
        if not kept & gone:
            return True
        left = frozenset(kept - gone)
        by = self.rights[i] == "backing"
        still = self.apply(left, True).has(self.member(o.device), o.device)
        return still and self.allows(o, self.apply(left, by), by)

    def outcome(self, ids: Iterable[bytes], ever: bool) -> Outcome:
        """outcome(S, base)."""
        return self.apply(self.settled(ids).accepted, ever)

    def apply(self, kept: Ids, ever: bool) -> Outcome:
        """What accepted operations make of a base."""
        if (kept, ever) not in self._outcomes:
            self._outcomes[kept, ever] = self._apply([self.here.all[i] for i in kept], self.bases[ever])
        return self._outcomes[kept, ever]

    def _apply(self, kept: list[Operation], start: Base) -> Outcome:
        knew = lambda a, b: b.id in self.here.past[a.id]  # noqa: E731
        people = dict(start.people)
        adds = [o for o in kept if o.kind == "add"]
        for o in adds:
            author = self.outcome(o.entry.control, True).people.get(self.member(o.device) or b"")
            distance = (author[1] if author else 0) + 1
            for m in o.body["members"]:
                if m in start.roles and not (m in people and people[m][1] <= distance):
                    people[m] = (start.roles[m], distance)
        out = {o.fork.device for o in kept if o.fork}
        for o in (o for o in kept if o.kind == "remove"):
            for m in o.body["members"]:
                if not any(m in a.body["members"] and knew(a, o) for a in adds):
                    people.pop(m, None)
            out |= {d for d in o.body["devices"] if not any(d in a.body["devices"] and knew(a, o) for a in adds)}
        for m in people:
            role = self._newest([o for o in kept if o.kind == "role" and o.body["member"] == m])
            if role:
                people[m] = (min((o.body["role"] for o in role), key=rank), people[m][1])
        policies = self._newest([o for o in kept if o.kind == "policy"])
        every = bool(policies) and all(o.body["history"] == "all" for o in policies)
        high = any(o.body["horizon"] == "high" for o in policies)
        return Outcome(people, frozenset(out), "all" if every else "none", "high" if high else "default")

    def _newest(self, some: list[Operation]) -> list[Operation]:
        return [o for o in some if not any(o.id in self.here.past[p.id] for p in some)]

    @cached_property
    def final(self) -> Settled:
        """The final outcome's settling: of all operations."""
        return self.settled(self.here.all)

    @cached_property
    def now(self) -> Outcome:
        """The room now."""
        return self.apply(self.final.accepted, False)

    def roster(self, outcome: Outcome) -> dict[bytes, bytes]:
        """The devices of the list whose member is in and which are not out, with their keys."""
        return {d.id: d.certificate.sign for d in self.muster.devices.values() if outcome.has(d.member, d.id)}

    def verdict(self, i: bytes) -> str:
        """The verdict on one operation."""
        if self.out_of_place(self.here.all[i]) or i in self.final.unordered:
            return "unordered"
        if i not in self.rights:
            return "no-right"
        return "counts" if i in self.final.accepted else "overruled"

    def heads(self) -> list[bytes]:
        """All heads, without the bound of 64, by id."""
        some = [i for i in self.here.all if self.verdict(i) in ("counts", "overruled")]
        return sorted(i for i in some if not any(i in self.here.past[j] for j in some))
