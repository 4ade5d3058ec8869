"""Judges every vector of test/vector/data with the second verifier, or checks an evidence pack.

    python3 test/python/run.py            all vectors; exits 1 on any disagreement
    python3 test/python/run.py pack DIR   one evidence pack
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from judge import JUDGES, NotJudged
from muster_verify import verification
from muster_verify.fault import Fault, Invalid

DATA = Path(__file__).resolve().parents[1] / "vector" / "data"


def plain(value: Any) -> Any:
    """Bytes as hexadecimal, and what is missing left out, as vectors show it."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if v is not None}
    return [plain(v) for v in value] if isinstance(value, list) else value


def agrees(expected: Any, got: Any) -> bool:
    """Whether an output is the one in the vector. Vectors made of pieces name some fields, and counts for lists."""
    if isinstance(expected, dict) and isinstance(got, dict):
        return all(k in got and (agrees(v, got[k]) or v == _count(got[k])) for k, v in expected.items())
    return bool(expected == got)


def _count(value: Any) -> Any:
    return len(value) if isinstance(value, list) else None


def compare(vector: dict[str, Any], judge: Any) -> str | None:
    """None where verifier and vector agree, otherwise what each says."""
    pieces = any(isinstance(v, list) and v and isinstance(v[0], list) for v in map(vector["input"].get, ("body", "entry", "payload")))
    try:
        got = plain(judge(vector["input"]))
    except (Fault, Invalid) as fault:
        return None if fault.code == vector["expect"] else f"{vector['expect']} in the vector, {fault} here"
    if vector["expect"] != "ok":
        return f"{vector['expect']} in the vector, ok here"
    expected = vector["output"]
    if isinstance(expected, dict) and "words" in expected and verification.word_list() is None:
        expected = {k: v for k, v in expected.items() if k != "words"}
        got.pop("words", None)
    same = agrees(expected, got) if pieces else expected == got
    return None if same else f"another output: {json.dumps(expected)[:400]} in the vector, {json.dumps(got)[:400]} here"


def vectors(name: str) -> tuple[int, list[str], list[str]]:
    """How many agreed, which did not, and which were not judged, of one file."""
    content = json.loads((DATA / f"{name}.json").read_text())
    agreed, wrong, unjudged = 0, [], []
    for vector in content["vectors"]:
        try:
            difference = compare(vector, JUDGES[name])
        except NotJudged as why:
            unjudged.append(f"{vector['name']}: {why}")
            continue
        if difference is None:
            agreed += 1
        else:
            wrong.append(f"{vector['name']}: {difference}")
    return agreed, wrong, unjudged


def main() -> int:
    """Prints one line per file and what differs."""
    total = 0
    for path in sorted(DATA.glob("*.json")):
        if path.stem not in JUDGES:
            print(f"{path.stem}: no judge")
            continue
        agreed, wrong, unjudged = vectors(path.stem)
        print(f"{path.stem}: {agreed} agreed, {len(wrong)} disagreed, {len(unjudged)} not judged")
        for line in (*wrong, *(f"not judged: {x}" for x in unjudged)):
            print(f"  {line}")
        total += len(wrong)
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
