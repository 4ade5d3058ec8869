"""Whether a room has only grown since an epoch (section 4.5, *Which epoch to send in*)."""

from __future__ import annotations

from typing import Iterable

from .membership import Membership
from .operation import Operation


def only_grown(m: Membership, named: Iterable[bytes]) -> bool:
    """Whether nothing that is here and that an epoch does not know puts somebody out or may do so."""
    before = m.here.closure(named)
    since = m.here.closure(m.heads()) - before
    roster = m.roster(m.now)

    def grows(o: Operation) -> bool:
        if o.kind in ("remove", "fork"):
            return False
        counts = m.verdict(o.id) == "counts"
        if o.kind == "role":
            return counts and before <= m.here.past[o.id]
        if o.kind == "add":
            let_in = [
                d.id for d in m.muster.devices.values() if d.id in o.body["devices"] or d.member in o.body["members"]
            ]
            if counts and all(d in roster for d in let_in):
                return True
            return o.id not in m.settled([*before, o.id]).accepted
        return True

    return all(grows(m.here.all[i]) for i in since)
