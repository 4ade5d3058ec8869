"""What a report is made of (section 7): the closing entry, its cut, the start, the report id."""

from __future__ import annotations

from typing import Any, Iterable, Sequence

from .body import read_body
from .entry import Entry
from .fault import Fault, need
from .hashing import h
from .muster_list import MusterList

Order = tuple[int, bytes, int]


def order(e: Entry) -> Order:
    """(time, device, seq)."""
    return e.time, e.device, e.seq


def body_of(e: Entry, kind: str, drill: bytes) -> dict[str, Any] | None:
    """The body of an entry if it is of this kind and drill."""
    try:
        body = read_body(e.body or b"")
    except Fault:
        return None
    return body if body["type"] == kind and body.get("drill") == drill else None


def cut_of(entries: Iterable[Entry], closing: Entry, cut: Sequence[Sequence[Any]]) -> list[Entry]:
    """The entries of a cut and the closing entry; a fault where it does not hold."""
    counts: dict[bytes, int] = {}
    for device, count in cut:
        need(device not in counts, "out-of-place", "a feed twice in a cut")
        counts[device] = count
    need(counts.get(closing.device, 0) == closing.seq, "out-of-place", "its own count is not its seq")
    at: dict[tuple[bytes, int], list[Entry]] = {}
    for e in {e.id: e for e in entries}.values():
        at.setdefault((e.device, e.seq), []).append(e)
    chosen: list[Entry] = []
    for device, count in [*counts.items(), (closing.device, closing.seq + 1)]:
        before: bytes | None = None
        for seq in range(count):
            here = at.get((device, seq), [])
            need(len(here) > 0, "out-of-place", "an entry of the cut is not there")
            need(len(here) == 1 and here[0].previous == before, "equivocation", "two entries for one place")
            before = here[0].id
            chosen.append(here[0])
    return sorted({e.id: e for e in chosen}.values(), key=order)


def closing_of(muster: MusterList, drill: dict[str, Any], entries: Sequence[Entry]) -> tuple[Entry, list[Entry]]:
    """The closing entry whose cut holds, and the entries of the report."""
    fault = Fault("out-of-place", "no closing entry")
    first = True
    for e in sorted(entries, key=order):
        body = body_of(e, "close", drill["drill"])
        device = muster.devices.get(e.device)
        if body is None or device is None or device.member not in drill["coordinators"]:
            continue
        if e.time < drill["from"] + drill["close_after"]:
            continue
        try:
            return e, cut_of(entries, e, body["cut"])
        except Fault as why:
            fault = why if first else fault
            first = False
    raise fault


def started(muster: MusterList, drill: dict[str, Any], entries: Sequence[Entry]) -> int:
    """The start: of the first alarm by a coordinator whose start lies in the window."""
    for e in sorted(entries, key=order):
        body = body_of(e, "alarm", drill["drill"])
        device = muster.devices.get(e.device)
        if body and device and device.member in drill["coordinators"]:
            if drill["from"] <= body["startedAtMs"] <= drill["to"]:
                return int(body["startedAtMs"])
    raise Fault("out-of-place", "no alarm")


def report_id(muster: MusterList, drill: dict[str, Any], closing: Entry) -> bytes:
    """H("report", list id, drill id, id of the closing entry)."""
    return h("report", muster.id, drill["drill"], closing.id)


def percentile(values: Sequence[int], p: int) -> int:
    """By nearest rank: of n ascending values the one at ⌈p/100 × n⌉, from 1."""
    return sorted(values)[-(-p * len(values) // 100) - 1]
