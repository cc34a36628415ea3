"""What the doctor has found."""

from dataclasses import dataclass, field
from typing import Any, Self

from pynetdicom.apps._explain import HINT


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one examination.

    Attributes:
        name: What was examined.
        is_good: ``None`` for what is neither good nor bad.
        text: What was found.
        hints: What to do about it.
        values: The same for programs: what JSON can tell.
    """

    name: str
    is_good: bool | None
    text: str
    hints: tuple[str, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of_failure(cls, name: str, explanation: str, *hints: str) -> Self:
        """Return what an explanation of `_explain` says: what happened, and hints behind it."""
        text, *more = explanation.split(HINT)
        return cls(name, False, text, (*more, *hints))

    def as_json(self) -> dict[str, Any]:
        """Return what JSON can tell."""
        hints = {"hints": list(self.hints)} if self.hints else {}
        return {"name": self.name, "ok": self.is_good, "text": self.text, **hints, **self.values}


def milliseconds(seconds: float) -> str:
    """Return a time as people say it."""
    return f"{seconds * 1000:.1f} ms"
