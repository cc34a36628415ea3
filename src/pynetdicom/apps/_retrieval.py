"""What comes of a C-GET or C-MOVE: objects that are kept, counts, failures."""

import argparse
import logging
from collections.abc import Callable, Iterator
from threading import Lock
from time import perf_counter
from typing import Any

from pydicom import Dataset
from pydicom.uid import UID

from pynetdicom import Association
from pynetdicom.apps._explain import cause_of, status_text
from pynetdicom.apps._keep import handle_store, size_of
from pynetdicom.apps._output import Bar, Tell, count_text, plain, size_text
from pynetdicom.apps._query import INTERRUPTED, cancelled_by_ctrl_c, category_of, judge
from pynetdicom.apps._requesting import ended
from pynetdicom.events import Event
from pynetdicom.status import STATUS_FAILURE, STORAGE_SERVICE_CLASS_STATUS, code_to_status

Responses = Iterator[tuple[Dataset, Dataset | None]]

_NO_REASON = "not sent; the peer does not say why"


class Retrieval:
    """A retrieval, and what comes of it.

    Args:
        verb: What is done with each object: "received" or "sent".
        args: The options.
        logger: The program's.
        bar: Shows how far it is.

    Attributes:
        kept: How many objects have come to us, and could be kept.
        final: The final status, empty if no valid response came.
    """

    def __init__(
        self, verb: str, args: argparse.Namespace, logger: logging.Logger, bar: Bar
    ) -> None:
        self.kept = 0
        self.final = Dataset()
        self._verb = verb
        self._args = args
        self._logger = logger
        self._bar = bar
        self._size = 0
        self._failures: dict[str, str] = {}
        self._counts = dict.fromkeys(("Remaining", "Completed", "Failed", "Warning"), 0)
        self._began = perf_counter()
        # Protects what objects change, which may come over several associations, and the bar.
        self._lock = Lock()

    def store(self, event: Event) -> int:
        """Keep an object that the peer sends."""
        size = size_of(event)
        status = handle_store(event, self._args, self._logger)
        with self._lock:
            self._bar.advance(size)
            if status == 0x0000:
                self.kept += 1
                self._size += size
            else:
                text = status_text(code_to_status(status), STORAGE_SERVICE_CLASS_STATUS)
                self._failures[str(event.request.AffectedSOPInstanceUID)] = f"not kept: {text}"
        return status

    def run(
        self,
        assoc: Association,
        send: Callable[[], Responses],
        uid: UID,
        operation: str,
        errors: list[logging.LogRecord],
    ) -> int:
        """Retrieve, and end the association; return the exit status.

        Args:
            assoc: What it goes over.
            send: Sends the request.
            uid: The SOP class of it.
            operation: "C-GET" or "C-MOVE".
            errors: What the library logs meanwhile.
        """
        self._began = perf_counter()
        try:
            with ended(assoc, self._logger), cancelled_by_ctrl_c(assoc, uid, self._logger):
                for status, identifier in send():
                    self._take(status, identifier)
                assoc.release()
        except ValueError as error:
            self._logger.error("The keys cannot be sent: %s", plain(cause_of(errors) or error))
            return 1
        except KeyboardInterrupt:
            return INTERRUPTED
        outcome = judge(self.final, uid, operation, errors, self._args, self._logger)
        return outcome or int(self._args.strict and self.failed > 0)

    def _take(self, status: Dataset, identifier: Dataset | None) -> None:
        self.final = status
        for name in self._counts:
            value: Any = status.get(f"NumberOf{name}Suboperations")
            if value is not None:
                self._counts[name] = value
            elif name == "Remaining" and "NumberOfCompletedSuboperations" in status:
                self._counts[name] = 0  # as a final response says it
        listed = [] if identifier is None else identifier.get("FailedSOPInstanceUIDList") or []
        for instance in [listed] if isinstance(listed, str) else listed:
            self._failures.setdefault(str(instance), _NO_REASON)
        total = sum(self._counts.values())
        if total:
            with self._lock:
                self._bar.reach(total - self._counts["Remaining"], total)

    @property
    def failed(self) -> int:
        """How many objects failed."""
        return max(self._counts["Failed"], len(self._failures))

    @property
    def has_unexplained(self) -> bool:
        """Whether objects failed of which the peer does not say why."""
        return self.failed > sum(reason != _NO_REASON for reason in self._failures.values())

    @property
    def is_refused(self) -> bool:
        """Whether the peer reports a failure before it has done anything."""
        return category_of(self.final) == STATUS_FAILURE and not any(self._counts.values())

    def end(self, tell: Tell) -> None:
        """Say what came of it, each failure by name."""
        for instance, reason in self._failures.items():
            tell(f"failed: {plain(instance)}: {reason}")
        unnamed = self.failed - len(self._failures)
        if unnamed:
            tell(f"failed: {count_text(unnamed, 'object')} that the peer does not name")
        tell(self._summary(perf_counter() - self._began))

    def _summary(self, elapsed: float) -> str:
        done = max(self.kept, self._counts["Completed"])
        warned, left = self._counts["Warning"], self._counts["Remaining"]
        total = done + warned + self.failed + left
        text = f"{count_text(total, 'object')}: {done:,} {self._verb}, {warned:,} warned"
        text += f", {self.failed:,} failed" + (f", {left:,} left" if left else "")
        if not done:
            return text
        rate = f"{done / elapsed:,.0f} objects/s"
        if self._size:
            return (
                f"{text}; {size_text(self._size)} in {elapsed:.2f} s "
                f"({size_text(self._size / elapsed)}/s, {rate})"
            )
        return f"{text} in {elapsed:.2f} s ({rate})"
