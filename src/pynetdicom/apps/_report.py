"""What has become of the files that were to be sent."""

import logging
from dataclasses import dataclass, field
from pathlib import Path

from pynetdicom import Association
from pynetdicom.apps._output import count_text, plain, size_text
from pynetdicom.apps._proposal import Instance, is_compressed
from pynetdicom.presentation import ACCEPTED, TRANSFER_SYNTAXES_NOT_SUPPORTED
from pynetdicom.status import STATUS_WARNING, code_to_category


@dataclass(slots=True)
class Report:
    """What has become of the files."""

    logger: logging.Logger
    found: int = 0
    sent: int = 0
    size: int = 0
    hints: dict[str, None] = field(default_factory=dict)

    def fail(self, path: Path, reason: object, hint: str = "") -> None:
        """Tell of a file that is not sent; what to do about it is told once, at the end."""
        self.logger.error("%s: %s", plain(path), plain(reason))
        if hint:
            self.hints[hint] = None

    def succeed(self, instance: Instance, code: int, text: str) -> None:
        """Count a file that the peer has stored, if perhaps with a warning."""
        self.sent += 1
        self.size += instance.size
        is_warning = code_to_category(code) == STATUS_WARNING
        level = logging.WARNING if is_warning else logging.INFO
        self.logger.log(level, "%s: %s", plain(instance.path), text)

    def summary(self, elapsed: float) -> str:
        """Return what came of it all, in a line."""
        text = f"sent {self.sent:,} of {count_text(self.found, 'file')}"
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
