"""Epochs and grants (section 4.5)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Any, Callable, Mapping

from . import ed25519
from .cbor import ID, SIGNATURE, TIME, U8, U16, U32, ascending, decode, octets, record
from .fault import need
from .hashing import h, kdf, u16

ANNOUNCEMENT = record({1: ("body", octets(2972)), 2: ("signature", SIGNATURE)})
BODY = record(
    {
        1: ("suite", U8),
        2: ("room", ID),
        3: ("control", ascending(64)),
        4: ("list_version", U32),
        5: ("roster", ID),
        6: ("commitment", ID),
        7: ("device", ID),
        8: ("opened", TIME),
    }
)

Keys = Mapping[bytes, bytes]


def roster_hash(devices: Keys) -> bytes:
    """H("roster", device ids ascending, joined to one part)."""
    return h("roster", b"".join(sorted(devices)))


@dataclass(frozen=True)
class Announcement:
    """What an opener says of an epoch; not verified by reading."""

    id: bytes
    suite: int
    room: bytes
    control: tuple[bytes, ...]
    list_version: int
    roster: bytes
    commitment: bytes
    device: bytes
    opened: int
    body: bytes
    signature: bytes

    @property
    def tag(self) -> bytes:
        return h("epoch-tag", self.id)[:8]


def read_announcement(data: bytes) -> Announcement:
    """Form alone."""
    outer = decode(ANNOUNCEMENT, data, 3072)
    b = decode(BODY, outer["body"])
    return Announcement(
        h("epoch", data), b["suite"], b["room"], tuple(b["control"]), b["list_version"], b["roster"],
        b["commitment"], b["device"], b["opened"], outer["body"], outer["signature"],
    )  # fmt: skip


@dataclass(frozen=True)
class Epoch:
    """An epoch that was granted from bucket `bucket` on."""

    announcement: Announcement
    bucket: int
    secret: bytes

    def key(self, bucket: int) -> bytes:
        """The key of a bucket; `unknown-key` before the one it is held from."""
        need(bucket >= self.bucket, "unknown-key", "a bucket whose key is erased")
        secret = self.secret
        for _ in range(bucket - self.bucket):
            secret = kdf(secret, "bucket", 32, self.announcement.id)
        return kdf(secret, "message", 32, self.announcement.room, self.announcement.id, u16(bucket))


@dataclass(frozen=True)
class View:
    """What a device knows of a room when a grant comes: the roster now, the operations here, and the roster they yield."""

    room: bytes
    list_version: int
    roster: Keys
    known: Callable[[bytes], bool]
    yields: Callable[[tuple[bytes, ...]], Keys]
    only_grown: Callable[[tuple[bytes, ...]], bool] = lambda _: True


def accept_grant(grant: dict[str, Any], view: View, prekey: bytes) -> Epoch:
    """Steps 1 and 4 to 11 for a room that is known and has this device in its roster (steps 2 and 3).

    Steps 12 and 13 need this device's clock and what it holds; they are not asked.
    """
    a = read_announcement(grant["announcement"])
    need(a.suite == 1, "unknown-suite")
    need(a.room == view.room, "out-of-place", "of another room")
    need(a.list_version <= view.list_version, "unknown-reference", "a list that is not here")
    need(all(view.known(x) for x in a.control), "unknown-reference", "an operation that is not here")
    roster = view.yields(a.control)
    need(a.device in roster and a.device in view.roster, "not-a-member", "the opener")
    ed25519.check(roster[a.device], a.signature, "epoch", a.body)
    if a.list_version == view.list_version:
        need(a.roster == roster_hash(roster), "out-of-place", "another roster")
    bucket, secret = grant["bucket"], grant["secret"]
    if bucket == 0:
        expected = h("epoch-commit", secret, a.room)
        need(hmac.compare_digest(expected, a.commitment), "bad-commitment")
    else:
        granter = view.roster.get(grant.get("granter", b""))
        need(granter is not None and "signature" in grant, "not-a-member", "the granter")
        assert granter is not None
        commit = h("epoch-commit", secret)
        ed25519.check(granter, grant["signature"], "grant", a.room, a.id, u16(bucket), commit, prekey)
    return Epoch(a, bucket, secret)


def is_for(a: Announcement, view: View) -> bool:
    """Whether the epoch is for the room as it is now, so that it may be sent in."""
    if a.list_version != view.list_version or a.device not in view.roster:
        return False
    if not all(view.known(x) for x in a.control):
        return False
    roster = view.yields(a.control)
    still = a.roster == roster_hash(roster) and all(d in view.roster for d in roster)
    return still and view.only_grown(a.control)
