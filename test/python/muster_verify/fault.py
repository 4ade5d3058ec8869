"""What fails has a code (section 1.2)."""

CODES = frozenset(
    "malformed too-large unknown-suite bad-signature bad-commitment bad-ciphertext bad-padding unknown-key"
    " not-a-member unknown-reference out-of-place equivocation rolled-back threshold wrong-organisation wrong-pin"
    " wrong-order".split()
)


class Fault(Exception):
    """A refusal with one of the codes of section 1.2."""

    def __init__(self, code: str, text: str = "") -> None:
        assert code in CODES, code
        super().__init__(f"{code}: {text}" if text else code)
        self.code = code


class Invalid(Exception):
    """An input of a person, not of the wire, that has not the form asked for (section 5.7 names no code for it)."""

    code = "invalid"


def need(holds: bool, code: str, text: str = "") -> None:
    """Refuses with `code` unless `holds`."""
    if not holds:
        raise Fault(code, text)
