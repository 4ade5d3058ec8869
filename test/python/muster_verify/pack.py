"""An evidence pack, offline (docs/evidence.md): signature, sums, list, entries, cut, report id, answers."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from . import sshsig
from .cbor import ID, array, decode, octets, record
from .entry import MOST, Entry, read_entry
from .fault import Fault, need
from .muster_list import MusterList, read_list
from .report import body_of, closing_of, order, percentile, report_id, started
from .room import derived_genesis, read_room
from .verification import mnemonic

NAMESPACE = "drill-evidence@muster"
ANNEX = "annex/participants.csv"
UNLISTED = {"SHA256SUMS", "SHA256SUMS.sig"}
# Neither page says how log/entries.cbor is shaped: this was read off a pack.
LOG = record({1: ("room", ID), 2: ("entries", octets(2**30))})
ENTRIES = array(octets(MOST), 2**20)


@dataclass
class Result:
    """What holds, what could not be looked at, and what does not hold."""

    checked: list[str] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@dataclass
class _Pack:
    folder: Path
    out: Result
    fingerprint: bytes | None
    muster: MusterList | None = None
    drill: dict[str, Any] = field(default_factory=dict)
    report: dict[str, Any] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    signer: bytes = b""

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def listed(self) -> MusterList:
        need(self.muster is not None, "unknown-reference", "the muster list was not read")
        assert self.muster is not None
        return self.muster


def _signature(p: _Pack) -> str:
    signer = sshsig.read_signer(p.read("allowed_signers").decode())
    sshsig.check(p.read("SHA256SUMS.sig").decode(), p.read("SHA256SUMS"), signer, NAMESPACE)
    p.signer = signer.key
    return f"SHA256SUMS is signed by the key of {signer.principal}"


def _sums(p: _Pack) -> str:
    listed: dict[str, str] = {}
    for line in p.read("SHA256SUMS").decode().splitlines():
        found = re.fullmatch(r"([0-9a-f]{64})  ([A-Za-z0-9._/-]+)", line)
        need(found is not None and ".." not in line and found[2] not in listed, "malformed", "a line of SHA256SUMS")
        assert found is not None
        listed[found[2]] = found[1]
    there = {f.relative_to(p.folder).as_posix() for f in p.folder.rglob("*") if not f.is_dir() or f.is_symlink()}
    need(not there - UNLISTED - set(listed), "out-of-place", f"not listed: {sorted(there - UNLISTED - set(listed))}")
    missing = set(listed) - there
    need(missing <= {ANNEX}, "out-of-place", f"missing: {sorted(missing)}")
    if missing:
        p.out.not_checked.append(f"{ANNEX}: withheld")
    for name in sorted(set(listed) - missing):
        need(sha256(p.read(name)).hexdigest() == listed[name], "bad-signature", f"{name} was changed")
    return f"{len(listed) - len(missing)} files are as signed, and none is beside them"


def _list(p: _Pack) -> str:
    p.report = json.loads(p.read("report.json"))
    p.muster = found = read_list(p.read("directory/list.cbor"), p.fingerprint)
    said = p.report["organisation"]["fingerprint"], p.report["list"]["id"], p.report["list"]["version"]
    need(said == (found.org.id.hex(), found.id.hex(), found.version), "out-of-place", "the report names another list")
    drills = [d for d in found.drills if d["drill"].hex() == p.report["drill"]["id"]]
    need(len(drills) == 1, "unknown-reference", "the drill is not on the list")
    p.drill = drills[0]
    words = mnemonic(found.org.id[:16])
    lines = p.read("keys/fingerprints.txt").decode().splitlines()
    need(f"organisation: {found.org.id.hex()}" in lines, "out-of-place", "keys/fingerprints.txt")
    need(words is None or f"organisation in words: {' '.join(words)}" in lines, "out-of-place", "words")
    if p.fingerprint is None:
        p.out.not_checked.append("that this is the organisation you mean: give its fingerprint from outside")
    return f"list {found.version} is signed by {len(found.signed_by)} custodians, {found.org.threshold} are needed"


def _entries(p: _Pack) -> str:
    log = decode(LOG, p.read("log/entries.cbor"))
    keys = {d.id: d.certificate.sign for d in p.listed().devices.values()}
    p.entries = [read_entry(data, log["room"], keys) for data in decode(ENTRIES, log["entries"])]
    need(p.entries == sorted(p.entries, key=order), "malformed", "order of the entries")
    if p.listed().secret is None:
        p.out.not_checked.append("that the room of the entries follows from the list: the rendezvous leaf is withheld")
    else:
        org = p.listed().org.id
        room = read_room(derived_genesis(org, p.listed().secret or b"", p.drill["drill"]), org)
        need(room.id == log["room"], "out-of-place", "another room")
    return f"{len(p.entries)} entries are signed for one room by {len({e.device for e in p.entries})} devices of the list"


def _cut(p: _Pack) -> str:
    closing, chosen = closing_of(p.listed(), p.drill, p.entries)
    need(chosen == p.entries, "out-of-place", "entries that are not of the cut")
    start = started(p.listed(), p.drill, chosen)
    said, drill = p.report["evidence"], p.report["drill"]
    need(p.report["id"] == report_id(p.listed(), p.drill, closing).hex(), "out-of-place", "report id")
    need(said == {"entries": len(chosen), "closedBy": closing.id.hex()}, "out-of-place", "evidence")
    need(drill["startedAtMs"] == start, "out-of-place", "start of the drill")
    need(drill["closedAfterMs"] == closing.time - start, "out-of-place", "closedAfterMs")
    return "the feeds are chains without a gap, and the cut of the closing entry is these entries and no others"


def _acks(p: _Pack) -> str:
    here = {e.id.hex(): e for e in p.entries}
    keys = {d.id: d.certificate.sign for d in p.listed().devices.values()}
    count = 0
    for path in sorted((p.folder / "acks").glob("*.json")):
        ack = json.loads(path.read_text())
        need(ack["report"] == p.report["id"] and ack["ref"] == path.stem, "out-of-place", path.name)
        found = here.get(ack["entry"])
        need(found is not None, "unknown-reference", f"{path.name} names an entry that is not here")
        assert found is not None
        again = read_entry(b64decode(ack["signedEntry"], validate=True), found.room, keys)
        body = body_of(found, "answer", p.drill["drill"])
        need(again == found and body is not None, "out-of-place", f"{path.name} is not the answer it names")
        assert body is not None
        need(body["answer"] == ack["answer"], "out-of-place", f"{path.name} says another answer")
        after = found.time - p.report["drill"]["startedAtMs"]
        need(after == ack["answeredAfterMs"], "out-of-place", f"{path.name} says another time")
        count += 1
    need(count == p.report["figures"]["acknowledged"], "out-of-place", "number of answers")
    return f"{count} answers are entries of the log, and say what those say"


def _figures(p: _Pack) -> str:
    figures = p.report["figures"]
    need(figures["members"] == len(p.listed().members) == len(p.report["participants"]), "out-of-place", "members")
    times = [x["answeredAfterMs"] for x in p.report["participants"] if "answeredAfterMs" in x]
    for name, value in (("medianMs", 50), ("p90Ms", 90), ("p95Ms", 95), ("maxMs", 100)) if times else ():
        need(figures[name] == percentile(times, value), "out-of-place", name)
    events = [json.loads(x) for x in p.read("log/events.jsonl").decode().splitlines()]
    here = {e.id.hex() for e in p.entries}
    need(events == p.report["events"], "out-of-place", "log/events.jsonl is not the report's")
    need(all("entry" not in e or e["entry"] in here for e in events), "unknown-reference", "an event without its entry")
    p.out.not_checked.append("outcomes, findings, clauses, tables, PDF: neither page says how they are worked out")
    return "members, percentiles and events agree with list, participants and entries"


def _signer(p: _Pack) -> str:
    owners = [d.member for d in p.listed().devices.values() if d.certificate.evidence == p.signer]
    need(owners != [] and owners[0] in p.drill["coordinators"], "not-a-member", "the signer is no coordinator")
    place = p.drill["coordinators"].index(owners[0])
    return f"the signer's key is the evidence key of a device of coordinator {place}"


def check_pack(folder: Path, fingerprint: bytes | None = None) -> Result:
    """Every check in turn; one that fails does not keep the others from being made."""
    p = _Pack(folder, Result(), fingerprint)
    for check in (_signature, _sums, _list, _entries, _cut, _acks, _figures, _signer):
        try:
            p.out.checked.append(check(p))
        except (Fault, sshsig.BadSshSig, OSError, ValueError, KeyError, TypeError) as why:
            p.out.wrong.append(f"{check.__name__.strip('_')}: {type(why).__name__}: {why}")
    return p.out
