"""What has become of the files that were to be sent."""

import logging
import threading
from dataclasses import dataclass, field
from pathlib import Path

from pynetdicom import Association
from pynetdicom.apps._output import count_text, plain, size_text
from pynetdicom.apps._proposal import Instance, is_compressed
from pynetdicom.presentation import ACCEPTED, TRANSFER_SYNTAXES_NOT_SUPPORTED
from pynetdicom.status import STATUS_WARNING, code_to_category


@dataclass(slots=True)
class Report:
    """What has become of the files; several threads may tell.

    Attributes:
        found: How many files there are.
        before: How many of them an earlier run has sent.
        size: How many bytes were sent.
        is_deferred: Whether what failed is listed at the end, not at once: behind a bar, on a
            terminal. In a log it stands where it happened.
        is_broken: Whether there were no associations for all that could have been sent.
    """

    logger: logging.Logger
    is_deferred: bool = False
    found: int = 0
    before: int = 0
    sent: int = 0
    warned: int = 0
    failed: int = 0
    size: int = 0
    is_broken: bool = False
    hints: dict[str, None] = field(default_factory=dict)
    _deferred: list[str] = field(default_factory=list)
    # Protects the numbers. Nothing is awaited while holding it.
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fail(self, path: Path, reason: object, hint: str = "") -> None:
        """Tell of a file that is not sent; what to do about it is told once, at the end."""
        text = f"{plain(path)}: {plain(reason)}"
        with self._lock:
            self.failed += 1
            if hint:
                self.hints[hint] = None
            if self.is_deferred:
                self._deferred.append(text)
        self.logger.log(logging.INFO if self.is_deferred else logging.ERROR, "%s", text)

    def succeed(self, instance: Instance, code: int, text: str) -> None:
        """Count a file that the peer has stored, if perhaps with a warning."""
        is_warning = code_to_category(code) == STATUS_WARNING
        with self._lock:
            self.sent += 1
            self.size += instance.size
            self.warned += is_warning
        level = logging.WARNING if is_warning else logging.INFO
        self.logger.log(level, "%s: %s", plain(instance.path), text)

    @property
    def is_incomplete(self) -> bool:
        """Whether anything is not stored."""
        return self.sent + self.before < self.found

    def list_failures(self) -> None:
        """List what was deferred."""
        for text in self._deferred:
            self.logger.error("%s", text)

    def summary(self, elapsed: float) -> str:
        """Return what came of it all, in a line."""
        parts = [f"sent {self.sent:,} of {count_text(self.found, 'file')}"]
        untried = self.found - self.sent - self.before - self.failed
        for number, what in (
            (self.warned, "with a warning"),
            (self.before, "sent before"),
            (self.failed, "failed"),
            (untried, "not tried"),
        ):
            if number:
                parts.append(f"{number:,} {what}")
        text = ", ".join(parts)
        if not self.sent:
            return text
        rate = f"{size_text(self.size / elapsed)}/s, {self.sent / elapsed:,.0f} files/s"
        return f"{text}, {size_text(self.size)} in {elapsed:.2f} s ({rate})"


def refusal(assoc: Association, instance: Instance) -> tuple[str, str]:
    """Return why no accepted context fits, and what to do about it."""
    what, syntax = instance.sop_class_uid.name, instance.transfer_syntax.name
    decided = [*assoc.accepted_contexts, *assoc.rejected_contexts]
    results = [c.result for c in decided if c.abstract_syntax == instance.sop_class_uid]
    if ACCEPTED not in results and TRANSFER_SYNTAXES_NOT_SUPPORTED not in results:
        return f"the peer does not accept {what}", f"enable {what} on the peer"
    hint = f"enable {syntax} for {what} on the peer"
    if is_compressed(instance.transfer_syntax):
        hint += ", or decompress the files first, for example with pydicom"
    return f"the peer does not accept {what} in {syntax}", hint
