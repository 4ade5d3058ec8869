"""Judges the vectors of test/vector/data with the second verifier, or checks an evidence pack.

    python3 test/python/run.py [DATA]                  every vector; exits 1 on any disagreement
    python3 test/python/run.py pack DIR [FINGERPRINT]  one evidence pack; exits 1 if a check fails
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable

from judge import JUDGES, NotJudged
from muster_verify import verification
from muster_verify.fault import Fault, Invalid
from muster_verify.pack import check_pack
from published import PUBLISHED
from scenario import differences

DATA = Path(__file__).resolve().parents[1] / "vector" / "data"


@dataclass
class Tally:
    """What came out for one file."""

    agreed: int = 0
    wrong: list[str] = field(default_factory=list)
    unjudged: list[str] = field(default_factory=list)

    def add(self, name: str, difference: str | None) -> None:
        """Counts one vector."""
        if difference is None:
            self.agreed += 1
        else:
            self.wrong.append(f"{name}: {difference}")


def plain(value: Any) -> Any:
    """Bytes as hexadecimal, and what is missing left out, as vectors show it."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if v is not None}
    return [plain(v) for v in value] if isinstance(value, list) else value


def same(expected: Any, got: Any, in_part: bool) -> bool:
    """Whether an output is that of the vector. Of a large one the vector names some fields, and how long lists are."""
    if not in_part:
        return bool(expected == got)
    counted = {k: len(v) if isinstance(v, list) and isinstance(expected.get(k), int) else v for k, v in got.items()}
    return all(k in counted and counted[k] == v for k, v in expected.items())


def compare(vector: dict[str, Any], judge: Callable[[dict[str, Any]], Any]) -> str | None:
    """None where verifier and vector agree, otherwise what each says."""
    try:
        got = plain(judge(vector["input"]))
    except (Fault, Invalid) as fault:
        return None if fault.code == vector["expect"] else f"{vector['expect']} in the vector, {fault} here"
    if vector["expect"] != "ok":
        return f"{vector['expect']} in the vector, ok here"
    expected = vector["output"]
    if verification.word_list() is None and isinstance(expected, dict):
        expected = {k: v for k, v in expected.items() if k != "words"}
    in_part = any(isinstance(vector["input"].get(k), list) for k in ("body", "entry", "payload"))
    if same(expected, got, in_part):
        return None
    return f"another output: {json.dumps(expected)[:400]} in the vector, {json.dumps(got)[:400]} here"


def tally(path: Path) -> Tally:
    """Judges one file."""
    content, out = json.loads(path.read_text()), Tally()
    if path.stem == "scenario":
        for name, wrong in differences(content):
            out.add(name, "; ".join(wrong) or None)
        return out
    if path.stem == "published" or path.parent.name == "published":
        for name, right in PUBLISHED.get(path.stem, lambda _: [])(content):
            out.add(name, None if right else "another result here")
        if not out.agreed and not out.wrong:
            out.unjudged.append("a primitive this verifier does not use")
        return out
    for vector in content["vectors"]:
        if path.stem not in JUDGES:
            out.unjudged.append(f"{vector['name']}: no judge for this file")
            continue
        try:
            out.add(vector["name"], compare(vector, JUDGES[path.stem]))
        except NotJudged as why:
            out.unjudged.append(f"{vector['name']}: {why}")
    return out


def vectors(data: Path) -> int:
    """Prints one line per file and, below it, what differs and what was not judged."""
    words = "checked" if verification.word_list() else "not checked: no BIP-39 list"
    print(f"words of digests: {words}")
    total = Tally()
    for path in sorted((*data.glob("*.json"), *data.glob("published/*.json"))):
        one = tally(path)
        name = path.relative_to(data).with_suffix("")
        print(f"{name}: {one.agreed} agreed, {len(one.wrong)} disagreed, {len(one.unjudged)} not judged")
        for line in (*one.wrong, *(f"not judged: {x}" for x in one.unjudged)):
            print(f"  {line}")
        total.agreed += one.agreed
        total.wrong += one.wrong
        total.unjudged += one.unjudged
    print(f"in all: {total.agreed} agreed, {len(total.wrong)} disagreed, {len(total.unjudged)} not judged")
    return 1 if total.wrong or not total.agreed else 0


def pack(folder: Path, fingerprint: str | None) -> int:
    """Prints what was checked, or the first thing that does not hold."""
    result = check_pack(folder, bytes.fromhex(fingerprint) if fingerprint else None)
    for line in result.checked:
        print(f"ok: {line}")
    for line in result.not_checked:
        print(f"not checked: {line}")
    for line in result.wrong:
        print(f"WRONG: {line}")
    return 1 if result.wrong else 0


def main(words: list[str]) -> int:
    """The command line."""
    if words[:1] == ["pack"] and len(words) in (2, 3):
        return pack(Path(words[1]), words[2] if len(words) == 3 else None)
    if len(words) > 1 or words[:1] == ["pack"]:
        print(__doc__)
        return 2
    return vectors(Path(words[0]) if words else DATA)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
