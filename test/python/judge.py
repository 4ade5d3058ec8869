"""How each file of test/vector/data is shaped, and what the verifier says of one vector of it."""

from __future__ import annotations

from typing import Any, Callable

from muster_verify import attachment, cbor, epoch, muster_list, payload, verification, xwing
from muster_verify.aead import open_sealed, unpad
from muster_verify.body import read_body
from muster_verify.entry import make_proof, read_entry, read_fork
from muster_verify.frame import read_frame
from muster_verify.hashing import h
from muster_verify.organisation import read_certificate, read_genesis
from muster_verify.prekey import Prekey, is_newer, read_prekey
from muster_verify.room import derived_genesis, drill_start, inbox_topic, read_room

Input = dict[str, Any]


class NotJudged(Exception):
    """Says why this verifier has no opinion."""


def octets(value: str | list[list[Any]]) -> bytes:
    """Bytes as hexadecimal, or as pieces, each with how often it comes."""
    if isinstance(value, str):
        return bytes.fromhex(value)
    return b"".join(bytes.fromhex(piece) * times for piece, times in value)


def keys(roster: list[list[str]]) -> dict[bytes, bytes]:
    """Device ids with their signing keys."""
    return {bytes.fromhex(device): bytes.fromhex(key) for device, key in roster}


SHAPES: dict[str, cbor.Shape] = {
    "uint": cbor.uint(),
    "uint to 100": cbor.uint(100),
    "int": cbor.sint,
    "bool": cbor.boolean,
    "bytes to 64": cbor.octets(64),
    "bytes of 4": cbor.exactly(4),
    "text to 16": cbor.text(16),
    "list to 4 of uint": cbor.array(cbor.uint(), 4),
    "set to 4 of org ids": cbor.ascending(4),
    "map 1 uint, 2 text?, 24 bool": cbor.record(
        {1: ("a", cbor.uint()), 2: ("b?", cbor.text(16)), 24: ("c", cbor.boolean)}
    ),
    "one of a, b": cbor.choice("a", "b"),
    "pair of uint, bool": cbor.row(cbor.uint(), cbor.boolean),
    "union 1 {1 uint}, 9 {}": cbor.union({1: ("one", {1: ("n", cbor.uint())}), 9: ("nine", {})}),
}


def _cbor(i: Input) -> Any:
    if i["shape"] not in SHAPES:
        raise NotJudged(f"shape {i['shape']}")
    return cbor.decode(SHAPES[i["shape"]], octets(i["bytes"]))


def _aead(i: Input) -> Any:
    return open_sealed(octets(i["key"]), octets(i["aad"]), octets(i["sealed"]))


def _genesis(i: Input) -> Any:
    org = read_genesis(octets(i["genesis"]))
    people = [{"name": n, "key": k} for n, k in zip(org.custodians, org.keys)]
    return {"org": org.id, "name": org.name, "threshold": org.threshold, "custodians": people}


def _certificate(i: Input) -> Any:
    c = read_certificate(octets(i["certificate"]), octets(i["identity"]))
    out = {"id": c.id, "member": c.member, "signKey": c.sign, "access": c.access, "evidenceKey": c.evidence}
    return {**out, "name": c.name, "createdAtMs": c.created}


def _prekey(i: Input) -> Any:
    device, key = octets(i["device"]), octets(i["signKey"])
    p: Prekey = read_prekey(octets(i["prekey"]), device, key)
    if "newest" in i or "known" in i:
        known = read_prekey(octets(i.get("newest", i.get("known", ""))), device, key)
        return {"id": p.id, "isNewer": is_newer(known, p)}
    out = {"suite": 1, "device": p.device, "seq": p.seq, "previous": p.previous, "key": p.key}
    return {**out, "createdAtMs": p.created, "notAfterMs": p.not_after, "id": p.id}


def _admission(i: Input) -> Any:
    org, body = muster_list.read_admission(octets(i["admission"]))
    return {"org": org.id, "version": body["version"], "access": body["access"]}


def _list(i: Input) -> Any:
    found = muster_list.read_list(octets(i["list"]), octets(i["org"]) if "org" in i else None)
    devices = {m: [d for d in found.devices.values() if d.member == m] for m in found.members}
    out: dict[str, Any] = {
        "id": found.id,
        "org": found.org.id,
        "version": found.version,
        "signedBy": found.signed_by,
        "withheld": found.withheld,
        "members": [
            {"id": m, "name": found.names.get(m), "held": leaf.get("held"),
             "devices": [{"id": d.id, "since": d.since} for d in devices[m]]}
            for m, leaf in found.members.items()
        ],
        "former": [
            {"id": d.id, "member": d.member, "role": d.role, "since": d.since, "until": d.until}
            for d in found.former.values()
        ],
        "relays": [r["relay"] for r in found.relays],
        "drills": [{"id": d["drill"]} for d in found.drills],
    }  # fmt: skip
    if found.secret is not None:
        everyone = read_room(derived_genesis(found.org.id, found.secret), found.org.id)
        for one, drill in zip(out["drills"], found.drills):
            start = drill_start(found.secret, drill["drill"], drill["sequence"], drill["from"], drill["to"])
            one["startMs"] = drill["from"] if drill["announced"] else start
        inboxes = [inbox_topic(found.secret, d) for d in found.devices]
        out |= {"orgRoom": everyone.id, "orgTopic": everyone.topic, "inboxes": inboxes}
    return out


def _bundle(i: Input) -> Any:
    found = muster_list.read_bundle(octets(i["bundle"]), octets(i["org"]) if "org" in i else None)
    return {"list": found.id, "org": found.org.id, "version": found.version}


def _join(i: Input) -> Any:
    request = octets(i["request"])
    body, c = muster_list.read_join(request)
    digest = h("join", request)
    out = {"handle": body["handle"], "member": c.member, "device": c.id, "digest": digest}
    return {**out, "words": verification.eight_words(digest)}


def _entry(i: Input) -> Any:
    whole = i["as"] == "entry"
    e = read_entry(octets(i["entry"]), octets(i["room"]), keys(i["roster"]), whole)
    out = {"id": e.id, "device": e.device, "seq": e.seq, "previous": e.previous, "heads": list(e.heads)}
    out |= {"timeMs": e.time, "control": list(e.control), "skeleton": e.skeleton}
    return {**out, "salt": e.salt, "body": e.body} if whole else out


def _fork(i: Input) -> Any:
    f = read_fork(octets(i["proof"]), octets(i["room"]), keys(i["roster"]))
    return {"device": f.device, "seq": f.seq, "made": make_proof(f.second, f.first)}


def _grant(i: Input) -> Any:
    read = payload.read_payload(octets(i["payload"]))
    known = {bytes.fromhex(x) for x in i["known"]}
    at = {tuple(bytes.fromhex(x) for x in named): keys(roster) for named, roster in i["rosterAt"]}
    view = epoch.View(octets(i["room"]), i["listVersion"], keys(i["roster"]), known.__contains__, at.__getitem__)
    e = epoch.accept_grant(read, view, octets(i["to"]))
    a, k = e.announcement, e.bucket
    out = {"id": a.id, "tag": a.tag, "bucket": k, "device": a.device, "listVersion": a.list_version}
    out |= {"control": list(a.control), "openedAtMs": a.opened, "isFor": epoch.is_for(a, view)}
    return {**out, "keys": [e.key(k), e.key(k + 1), e.key(k + 3)]}


def _room(i: Input) -> Any:
    found = muster_list.read_list(octets(i["list"]))
    data = octets(i["genesis"])
    r = read_room(data, found.org.id)
    if r.kind in ("org", "drill") and found.secret is not None:
        assert derived_genesis(found.org.id, found.secret, r.drill) == data, "does not follow from the list"
    out = {"id": r.id, "topic": r.topic, "kind": r.kind, "title": r.title, "founder": r.founder, "drill": r.drill}
    return {**out, "members": None if r.members is None else list(r.members)}


def _envelope(i: Input) -> Any:
    a = epoch.read_announcement(octets(i["announcement"]))
    return payload.open_envelope(epoch.Epoch(a, i["bucket"], octets(i["secret"])), octets(i["envelope"]))


def _file(i: Input) -> Any:
    file = attachment.File(octets(i["file"]), octets(i["salt"]), octets(i["key"]), i["size"])
    envelope = attachment.seal_chunk(file, octets(i["index"]), i["number"], octets(i["bytes"]))
    out = {"topic": file.topic, "header": envelope[:6], "nonce": envelope[6:30]}
    return {**out, "envelope": h("envelope", envelope)}


def _packet(i: Input) -> Any:
    if not xwing.can_open():
        raise NotJudged("this cryptography brings no ML-KEM-768")
    seeds = {h("prekey", octets(p["record"])): octets(p["seed"]) for p in i["prekeys"]}
    kept = [payload.Pair(octets(p["ref"]), octets(p["prekey"]), octets(p["secret"])) for p in i["pairs"]]
    text, pair = payload.open_packet(octets(i["packet"]), seeds, kept, octets(i["recipient"]))
    return {"payload": text, "ref": pair.ref, "prekey": pair.prekey, "secret": pair.secret}


def _signed(what: str) -> Callable[[Input], Any]:
    def judge(i: Input) -> Any:
        return payload.read_signed(what, octets(i["body"]), octets(i["signature"]), octets(i["room"]), keys(i["roster"]))

    return judge


def _verification(i: Input) -> Any:
    value = verification.digest(octets(i["org"]), octets(i["one"]), octets(i["other"]))
    out = {"digest": value, "words": verification.eight_words(value), "code": verification.code(value)}
    return {**out, "fits": verification.fits(i["scanned"], value)} if "scanned" in i else out


JUDGES: dict[str, Callable[[Input], Any]] = {
    "admission": _admission,
    "aead": _aead,
    "body": lambda i: read_body(octets(i["body"])),
    "bundle": _bundle,
    "cbor": _cbor,
    "certificate": _certificate,
    "entry": _entry,
    "envelope": _envelope,
    "file": _file,
    "fork": _fork,
    "frame": lambda i: read_frame(octets(i["bytes"]), i["from"]),
    "genesis": _genesis,
    "grant": _grant,
    "have": _signed("have"),
    "join": _join,
    "list": _list,
    "need": lambda i: payload.read_need(octets(i["body"]), octets(i["signature"]), keys(i["roster"])),
    "packet": _packet,
    "padding": lambda i: unpad(octets(i["padded"])),
    "payload": lambda i: payload.read_payload(octets(i["payload"])),
    "prekey": _prekey,
    "room": _room,
    "verification": _verification,
    "want": _signed("want"),
}
