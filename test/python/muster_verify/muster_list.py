"""The muster list (section 5.3), admission list (5.5), bundle and join request (5.6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .body import ROLES
from .cbor import ID, TIME, U8, U32, array, ascending, decode, octets, record, row, text, uint
from .fault import need
from .hashing import h
from .leaf import KINDS, MUST_BE_THERE, TAGS, read_leaf
from .organisation import SIGNATURES, Certificate, Organisation, check_custodians, read_certificate, read_genesis
from .organisation import read_root
from .prekey import Prekey, read_prekey

HEAD = record(
    {
        1: ("suite", U8),
        2: ("genesis", octets(4096)),
        3: ("version", U32),
        4: ("previous?", ID),
        5: ("issued", TIME),
        6: ("expires", TIME),
        7: ("leaves", array(row(U8, ID), 8500)),
    }
)
FILE = record(
    {1: ("head", octets(322692)), 2: ("signatures", SIGNATURES), 3: ("leaves", array(row(uint(8500), octets(49152)), 8500))}
)


@dataclass(frozen=True)
class Device:
    """A present device (prekey set, until None) or a former one (role set)."""

    certificate: Certificate
    since: int
    prekey: Prekey | None = None
    until: int | None = None
    role: str | None = None

    @property
    def id(self) -> bytes:
        return self.certificate.id

    @property
    def member(self) -> bytes:
        return self.certificate.member


@dataclass
class MusterList:
    """A list that was read. `members` by id, `devices` present and `former` by device id."""

    id: bytes
    org: Organisation
    version: int
    previous: bytes | None
    signed_by: list[int]
    withheld: int
    members: dict[bytes, dict[str, Any]] = field(default_factory=dict)
    devices: dict[bytes, Device] = field(default_factory=dict)
    former: dict[bytes, Device] = field(default_factory=dict)
    names: dict[bytes, str] = field(default_factory=dict)
    relays: list[dict[str, Any]] = field(default_factory=list)
    drills: list[dict[str, Any]] = field(default_factory=list)
    secret: bytes | None = None

    def keys(self) -> dict[bytes, bytes]:
        """Signing keys of present and former devices."""
        return {d.id: d.certificate.sign for d in (*self.devices.values(), *self.former.values())}

    def member_of(self, device: bytes) -> bytes | None:
        """member(d): by the list, as a present or former device."""
        found = self.devices.get(device) or self.former.get(device)
        return found.member if found else None


def _person(out: MusterList, leaf: dict[str, Any]) -> list[Device]:
    need(leaf["member"] == h("member", leaf["identity"]), "out-of-place", "the id is not of the identity key")
    devices = []
    for one in leaf["devices"]:
        certificate = read_certificate(one["certificate"], leaf["identity"])
        need(one["since"] <= out.version, "out-of-place", "since a list to come")
        devices.append(
            Device(certificate, one["since"], read_prekey(one["prekey"], certificate.id, certificate.sign))
        )
    return devices


def _former(out: MusterList, leaf: dict[str, Any]) -> Device:
    need(leaf["member"] == h("member", leaf["identity"]), "out-of-place", "the id is not of the identity key")
    certificate = read_certificate(leaf["certificate"], leaf["identity"])
    need(leaf["until"] <= out.version, "out-of-place", "until a list to come")
    return Device(certificate, leaf["since"], until=leaf["until"], role=leaf["role"])


def _once(ids: list[bytes], what: str) -> None:
    need(len(set(ids)) == len(ids), "out-of-place", f"{what} twice")


def read_list(data: bytes, fingerprint: bytes | None = None) -> MusterList:
    """Reads a muster list, steps 1 to 11."""
    file = decode(FILE, data)
    head = decode(HEAD, file["head"])
    need(head["suite"] == 1, "unknown-suite")
    org = read_genesis(head["genesis"])
    need(fingerprint is None or fingerprint == org.id, "wrong-organisation")
    signed_by = check_custodians(org, file["signatures"], "list", file["head"])
    signed = head["leaves"]
    leaves: list[dict[str, Any]] = []
    last = -1
    for index, leaf in file["leaves"]:
        need(last < index < len(signed), "bad-signature", "indexes ascend")
        need(h("list-leaf", leaf) == signed[index][1], "bad-signature", "not the leaf that was signed")
        body = read_leaf(leaf)
        need(TAGS.get(signed[index][0]) == body["type"], "out-of-place", "another kind than was signed")
        leaves.append(body)
        last = index
    here = {index for index, _ in file["leaves"]}
    for index, (tag, _) in enumerate(signed):
        need(index in here or tag not in MUST_BE_THERE, "out-of-place", "a leaf that must not be left out")
    out = MusterList(
        h("list", file["head"]), org, head["version"], head.get("previous"), signed_by, len(signed) - len(leaves)
    )
    _fill(out, {kind: [x for x in leaves if x["type"] == kind] for kind in KINDS})
    return out


def _fill(out: MusterList, of: dict[str, list[dict[str, Any]]]) -> None:
    """Steps 6 to 11."""
    _once([x["member"] for x in of["name"]], "a name")
    _once([x["member"] for x in of["contact"]], "a contact")
    people = [(leaf, _person(out, leaf)) for leaf in of["member"]]
    _once([leaf["member"] for leaf, _ in people], "a member")
    out.members = {leaf["member"]: leaf for leaf, _ in people}
    named = [x["member"] for x in of["name"] + of["contact"]]
    named += [d for leaf in of["member"] for d in leaf["deputies"]]
    named += [c for drill in of["drill"] for c in drill["coordinators"]]
    need(all(m in out.members for m in named), "out-of-place", "somebody who is not on it")
    former = [_former(out, leaf) for leaf in of["former"]]
    present = [d for _, devices in people for d in devices]
    _once([d.id for d in present + former], "a device")
    need(len(of["rendezvous"]) <= 1, "out-of-place", "two rendezvous")
    need(len(of["policy"]) <= 1, "out-of-place", "two policies")
    _once([x["relay"] for x in of["relay"]], "a relay")
    _once([x["drill"] for x in of["drill"]], "a drill")
    out.devices = {d.id: d for d in present}
    out.former = {d.id: d for d in former}
    out.names = {x["member"]: x["name"] for x in of["name"]}
    out.relays, out.drills = of["relay"], of["drill"]
    out.secret = of["rendezvous"][0]["secret"] if of["rendezvous"] else None


def rank(role: str) -> int:
    """Commander 5 … archivist 1 (section 6.2)."""
    return 5 - ROLES.index(role)


ADMISSION = record({1: ("body", octets(409600)), 2: ("signatures", SIGNATURES)})
ADMITTED = record(
    {
        1: ("suite", U8),
        2: ("root", octets(4096)),
        3: ("version", uint()),
        4: ("issued", TIME),
        5: ("access", ascending(5000)),
        6: ("quota?", uint()),
    }
)


def read_admission(data: bytes) -> tuple[Organisation, dict[str, Any]]:
    """An admission list: the organisation and the body."""
    file = decode(ADMISSION, data)
    body = decode(ADMITTED, file["body"])
    need(body["suite"] == 1, "unknown-suite")
    org = read_root(body["root"])
    check_custodians(org, file["signatures"], "admission", file["body"])
    return org, body


BUNDLE = record({1: ("list", octets(16 * 1024 * 1024)), 2: ("admission", octets(524288))})


def read_bundle(data: bytes, fingerprint: bytes | None = None) -> MusterList:
    """What custodians hand out: list and admission list of one organisation and version."""
    file = decode(BUNDLE, data)
    out = read_list(file["list"], fingerprint)
    org, body = read_admission(file["admission"])
    need(org.id == out.org.id and body["version"] == out.version, "out-of-place", "they do not belong together")
    return out


JOIN = record(
    {1: ("suite", U8), 2: ("handle", text(60)), 3: ("identity", ID), 4: ("certificate", octets(1024)), 5: ("prekey", octets(1500))}
)


def read_join(data: bytes) -> tuple[dict[str, Any], Certificate]:
    """A join request."""
    body = decode(JOIN, data)
    need(body["suite"] == 1, "unknown-suite")
    certificate = read_certificate(body["certificate"], body["identity"])
    read_prekey(body["prekey"], certificate.id, certificate.sign)
    return body, certificate
