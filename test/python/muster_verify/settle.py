"""Settling a set of operations that have the right (section 6.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .membership import Membership

Ids = frozenset[bytes]


@dataclass(frozen=True)
class Settled:
    """Which are accepted, which of these are contested, and which were found unordered."""

    accepted: Ids
    contested: Ids
    unordered: Ids


class _Settling:
    def __init__(self, m: Membership, some: Ids) -> None:
        self.m, self.some = m, some
        ops = sorted((m.here.all[i] for i in some), key=lambda o: (o.device, o.place))
        self.previous = {b.id: a.id for a, b in zip(ops, ops[1:]) if a.device == b.device}
        self.striking = {o.id: {i for i in some if m.strikes(i, o.id)} for o in ops}
        self.accepted = {o.id for o in ops if o.kind == "fork"}
        self.undecided = set(some) - self.accepted
        self.void: set[bytes] = set()
        self.ahead: set[bytes] = set()
        self.contested: set[bytes] = set()
        self.unordered: set[bytes] = set()

    def waits_for(self, i: bytes) -> set[bytes]:
        """What is undecided and must be decided before i is.

        All that i knew, where the page says "its parents": a parent that is struck is void before what it rested on is
        decided, and i would be looked at too early, or not, as the order of looking has it.
        """
        on = set(self.m.here.past[i])
        if i not in self.ahead:
            on |= self.striking[i]
            if i in self.previous:
                on.add(self.previous[i])
        return on & self.undecided

    def last(self, i: bytes | None) -> bytes | None:
        """The newest of i and those before it that is accepted and has its right of now."""
        while i is not None and not (i in self.accepted and self.m.rights[i] == "now"):
            i = self.previous.get(i)
        return i

    def accept(self, i: bytes) -> None:
        self.undecided.discard(i)
        self.accepted.add(i)
        if self.striking[i] & self.undecided:
            self.contested.add(i)

    def drop(self, i: bytes) -> None:
        self.undecided.discard(i)
        self.void.add(i)

    def step(self) -> bool:
        """Step 2, once over the undecided: whether anything was decided."""
        before = len(self.undecided)
        for i in sorted(self.undecided):
            if self.striking[i] & self.accepted:
                self.drop(i)
            elif not self.waits_for(i):
                last = self.last(self.previous.get(i))
                if last is not None and last not in self.m.here.past[i]:
                    self.drop(i)
                    self.unordered.add(i)
                elif self.m.stands_without(i, self.void):
                    self.accept(i)
                else:
                    self.drop(i)
        return len(self.undecided) < before

    def circle(self) -> set[bytes]:
        """Operations that wait for each other and for nothing that does not wait for them."""
        reach: dict[bytes, set[bytes]] = {}
        for i in self.undecided:
            found: set[bytes] = set()
            todo = [i]
            while todo:
                for j in self.waits_for(todo.pop()) - found:
                    found.add(j)
                    todo.append(j)
            reach[i] = found
        return next(reach[i] for i in sorted(reach) if all(i in reach[j] for j in reach[i]))

    def break_circle(self) -> None:
        """Step 3."""
        circle = self.circle()
        order = sorted(circle, key=self.m.seniority)
        strike = [i for i in order if any(i in self.striking[j] for j in circle)]
        for i in strike:
            if self.m.stands_without(i, self.void | self.undecided):
                self.accept(i)
                return
        self.ahead.add(next(i for i in (*strike, *order) if i not in self.ahead))


def settle(m: Membership, some: Ids) -> Settled:
    """Steps 1 to 3."""
    s = _Settling(m, some)
    while s.undecided:
        while s.step():
            pass
        if s.undecided:
            s.break_circle()
    return Settled(frozenset(s.accepted), frozenset(s.contested), frozenset(s.unordered))
