"""Which entries count (section 6.2, *What counts*): the ranges of places of a feed that are void."""

from __future__ import annotations

from typing import Sequence

from .entry import Entry
from .membership import Ids, Membership


def _limit(m: Membership, device: bytes, known: Ids) -> int | None:
    places: list[int] = []
    accepted = [m.here.all[i] for i in m.final.accepted]
    removals = [o for o in accepted if o.kind == "remove" and m.puts_out(o, device)]
    for r in removals:
        if r.id not in known:
            beside = [o for o in removals if o is r or m.here.same_time(o.id, r.id)]
            places.append(max(o.cut(device) for o in beside))
    places += [o.fork.seq for o in accepted if o.fork and o.fork.device == device]
    return min(places) if places else None


def voids(m: Membership, feed: Sequence[Entry]) -> list[tuple[int, int | None]]:
    """The void ranges [from, to) of a feed that is held from its beginning; beyond its end as its last entry knew."""
    device = feed[0].device
    named: set[bytes] = set()
    marks: list[bool] = []
    for place in range(len(feed) + 1):
        if place < len(feed):
            named |= {i for i in feed[place].control if i in m.here.all}
        if place > 0 and feed[place - 1].id in m.here.all:
            named.add(feed[place - 1].id)
        known = m.here.closure(named)
        limit = _limit(m, device, known)
        by = m.apply(m.settled(named).accepted & m.final.accepted, True)
        marks.append(not by.has(m.member(device), device) or (limit is not None and place >= limit))
        if place == len(feed) and limit is not None and limit > place and not marks[-1]:
            marks += [False] * (limit - place - 1) + [True]
    out: list[tuple[int, int | None]] = []
    for place, void in enumerate(marks):
        if void and (place == 0 or not marks[place - 1]):
            out.append((place, None))
        elif not void and place > 0 and marks[place - 1]:
            out[-1] = (out[-1][0], place)
    return out
