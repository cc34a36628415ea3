"""Files go out over one or more associations at once, and again over others if one is lost."""

import logging
import ssl
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, wait
from dataclasses import dataclass
from typing import Any

from pynetdicom import Association, StoragePresentationContexts, build_context, evt
from pynetdicom.apps import _arguments
from pynetdicom.apps._explain import cause_of, lost_association, no_association, status_text
from pynetdicom.apps._journal import Journal
from pynetdicom.apps._output import Bar, count_text, errors_held, plain, progress
from pynetdicom.apps._proposal import Instance, Load, loads
from pynetdicom.apps._report import Report, refusal
from pynetdicom.apps._requesting import Requestor
from pynetdicom.exceptions import NoAcceptedContextError, RemoteProtocolError
from pynetdicom.presentation import PresentationContext
from pynetdicom.status import (
    STATUS_SUCCESS,
    STATUS_WARNING,
    STORAGE_SERVICE_CLASS_STATUS,
    code_to_category,
)

Pause = Callable[[float], object]

_FIRST_PAUSE = 1.0  # seconds before the second attempt; each further pause is twice as long
_LONGEST_PAUSE = 60.0

_TRANSIENT = 2  # the result of a rejection that may be another one later (PS3.8 Table 9-21)
_ENOUGH_TO_ABORT = 2.0  # seconds until threads have noticed that their associations are gone
_TICK = 0.5  # seconds that Ctrl-C may be late where waiting cannot be interrupted (Windows)


@dataclass(slots=True)
class _Pending:
    """A file that is still to be sent, and how often that was tried."""

    instance: Instance
    tries: int = 0


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Why sending over an association has ended before its time.

    Attributes:
        text: What to tell; empty if it was told of a file.
        may_pass: Whether another attempt may succeed.
    """

    text: str
    may_pass: bool = True


class Sender:
    """Sends files.

    Args:
        requestor: Asks for associations.
        report: Learns what has become of each file.
        journal: Learns what was stored; ``None`` for none.
        pause: Waits for so many seconds before another attempt; ``None`` for a real wait.
    """

    # While something is sent.
    _errors: list[logging.LogRecord]
    _bar: Bar

    def __init__(
        self,
        requestor: Requestor,
        report: Report,
        journal: Journal | None = None,
        pause: Pause | None = None,
    ) -> None:
        self._args = requestor.args
        self._requestor = requestor
        self._report = report
        self._journal = journal
        self._is_over = threading.Event()
        self._nothing_left = threading.Event()  # to wait for
        self._pause = pause or self._nothing_left.wait
        self._ae = _arguments.make_ae(requestor.args.calling_aet, requestor.args)
        self._open: list[Association] = []
        # Protects the bar and the journal. Nothing is awaited while holding it.
        self._lock = threading.Lock()

    def send(self, instances: Sequence[Instance]) -> None:
        """Send all that can be sent."""
        args = self._args
        uncompressed = _arguments.requested_syntaxes(args)
        usual = [] if args.required_contexts else StoragePresentationContexts
        further = [build_context(c.abstract_syntax or "", uncompressed) for c in usual]
        size = sum(instance.size for instance in instances)
        with errors_held() as self._errors, progress(args, len(instances), size) as self._bar:
            for load in loads(instances, uncompressed, further):
                self._send_load(load)

    def _send_load(self, load: Load) -> None:
        """Send what fits one association, over as many as are wanted."""
        queue = deque(map(_Pending, load.instances))
        self._nothing_left.clear()
        jobs = min(self._args.jobs, len(queue))
        futures: list[Future[_Trouble | None]] = [Future() for _ in range(jobs)]
        threads = [
            threading.Thread(target=self._run, args=(f, load.contexts, queue), daemon=True)
            for f in futures
        ]
        try:
            for thread in threads:
                thread.start()
            while wait(futures, _TICK, FIRST_EXCEPTION).not_done:
                pass
            troubles = [trouble for future in futures if (trouble := future.result())]
        except BaseException as error:
            self._stop(threads, isinstance(error, KeyboardInterrupt))
            raise
        texts = dict.fromkeys(trouble.text for trouble in troubles if trouble.text)
        for text in texts:
            level = logging.ERROR if queue else logging.WARNING  # the others have sent it all
            self._report.logger.log(level, "%s", text)
        self._report.is_broken |= bool(queue)

    def _stop(self, threads: Sequence[threading.Thread], is_interrupted: bool) -> None:
        """Abort what is open. A thread that waits for a connection is left behind."""
        self._is_over.set()
        self._nothing_left.set()
        associations = list(self._open)
        for assoc in associations:
            assoc.abort()
        for thread in threads if associations else ():
            thread.join(_ENOUGH_TO_ABORT)
        if is_interrupted:
            number = count_text(len(associations), "association")
            what = f"{number} aborted" if associations else "there is no association yet"
            self._report.logger.warning("Interrupted: %s", what)

    def _run(
        self,
        future: Future[_Trouble | None],
        contexts: list[PresentationContext],
        queue: deque[_Pending],
    ) -> None:
        try:
            future.set_result(self._work(contexts, queue))
        except BaseException as error:
            future.set_exception(error)

    def _work(self, contexts: list[PresentationContext], queue: deque[_Pending]) -> _Trouble | None:
        """Send until nothing is left, over one association after the other if need be."""
        in_vain = 0  # associations in a row over which nothing was stored
        while queue and not self._is_over.is_set():
            stored, trouble = self._send_over_one(contexts, queue)
            in_vain = 0 if stored else in_vain + 1
            if trouble is None or not queue:
                continue
            if in_vain > self._args.retries or not trouble.may_pass:
                return trouble
            if in_vain:
                pause = min(_FIRST_PAUSE * 2 ** (in_vain - 1), _LONGEST_PAUSE)
                if trouble.text:
                    self._report.logger.warning("%s", trouble.text)
                again = f"Attempt {in_vain} of {self._args.retries} to go on"
                self._report.logger.warning("%s in %g s", again, pause)
                self._pause(pause)
        self._nothing_left.set()
        return None

    def _send_over_one(
        self, contexts: list[PresentationContext], queue: deque[_Pending]
    ) -> tuple[int, _Trouble | None]:
        """Send over one association; return how much was stored, and what ended it early."""
        assoc = self._requestor.associate(
            self._ae,
            self._report.logger,
            contexts,
            evt_handlers=[(evt.EVT_CONN_OPEN, lambda event: self._open.append(event.assoc))],
        )
        try:
            if not assoc.is_established:
                errors = self._take_errors(assoc)
                text = no_association(assoc, errors, self._args)
                return 0, _Trouble(text, _may_pass(assoc, errors))
            stored = number = 0
            while queue and not self._is_over.is_set():
                number += 1
                stored += self._send_next(assoc, queue, number % 0x10000)
                if not assoc.is_established:
                    return stored, _Trouble("")
            assoc.release()
            return stored, None
        finally:
            assoc.abort()  # nothing happens if it was released
            if assoc in self._open:
                self._open.remove(assoc)

    def _send_next(self, assoc: Association, queue: deque[_Pending], msg_id: int) -> bool:
        """Send a file; return whether it is stored."""
        try:
            pending = queue.popleft()
        except IndexError:  # another thread was faster
            return False
        instance, report = pending.instance, self._report
        self._take_errors(assoc)
        try:
            status = assoc.send_c_store(instance.path, msg_id)
        except NoAcceptedContextError:
            self._fail(instance, *refusal(assoc, instance))
        except OSError as error:
            self._fail(instance, error.strerror or error)
        except Exception as error:  # whatever pydicom makes of what it cannot convert
            cause = cause_of(self._take_errors(assoc)) or error
            self._fail(instance, f"it cannot be encoded: {cause}")
        else:
            if not status:
                self._put_back(pending, queue, assoc)
                return False
            text = status_text(status, STORAGE_SERVICE_CLASS_STATUS)
            if code_to_category(status.Status) in (STATUS_SUCCESS, STATUS_WARNING):
                report.succeed(instance, status.Status, text)
                self._done(instance, is_stored=True)
                return True
            self._fail(instance, f"not stored: {text}")
        return False

    def _put_back(self, pending: _Pending, queue: deque[_Pending], assoc: Association) -> None:
        """Have a file that was not answered sent again, if that was not done too often."""
        instance = pending.instance
        reason = lost_association(self._take_errors(assoc), self._args)
        pending.tries += 1
        if self._is_over.is_set():
            return
        if pending.tries > self._args.retries:
            self._report.is_broken = True
            self._fail(instance, reason)
            return
        self._report.logger.warning("%s: %s; it is sent again", plain(instance.path), reason)
        queue.appendleft(pending)
        self._nothing_left.clear()

    def _fail(self, instance: Instance, reason: object, hint: str = "") -> None:
        self._report.fail(instance.path, reason, hint)
        self._done(instance)

    def _done(self, instance: Instance, is_stored: bool = False) -> None:
        with self._lock:
            self._bar.advance(instance.size)
            if not is_stored or self._journal is None:
                return
            try:
                self._journal.add(instance)
            except OSError as error:  # a disk that is full; or the file is gone by now
                reason = error.strerror or error
                path = plain(instance.path)
                self._report.logger.warning("Not in the journal: %s: %s", path, reason)

    def _take_errors(self, assoc: Association) -> list[logging.LogRecord]:
        """Return what the library has logged of an association, and forget it."""
        threads = (threading.get_ident(), assoc.ident)
        mine = [record for record in list(self._errors) if record.thread in threads]
        for record in mine:
            self._errors.remove(record)
        return mine


def _may_pass(assoc: Association, errors: Sequence[logging.LogRecord]) -> bool:
    """Return whether an association that was not made may be made later."""
    if assoc.is_rejected:
        answer: Any = assoc.acceptor.primitive
        return bool(answer.result == _TRANSIENT)
    if isinstance(cause_of(errors), ssl.SSLCertVerificationError | RemoteProtocolError):
        return False
    return not assoc.rejected_contexts
