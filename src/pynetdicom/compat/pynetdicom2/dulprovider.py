"""A blocking driver of the core for one caller: a message goes out, the next one comes in.

It reads only while somebody waits for what will come, so nothing runs in the background and what
the peer sends meanwhile waits in the network's buffers. Every wait has a deadline.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Container
from contextlib import suppress
from time import monotonic
from typing import Any, BinaryIO, Final

from pydicom import Dataset

from pynetdicom import _config
from pynetdicom._address import AddressInformation
from pynetdicom._channel import T_CONNECT, AssociationSocket
from pynetdicom._layout import Buffer
from pynetdicom.compat.pynetdicom2._arriving import ArrivingFile
from pynetdicom.compat.pynetdicom2.exceptions import DCMTimeoutError
from pynetdicom.dimse_messages import DataSource, MemorySink, Sink, message_of
from pynetdicom.dimse_primitives import C_CANCEL, C_STORE, DIMSEPrimitive
from pynetdicom.exceptions import LocalProtocolError
from pynetdicom.fsm import State
from pynetdicom.pdu_primitives import A_ABORT, A_ASSOCIATE, A_P_ABORT
from pynetdicom.upper_layer import ACSEPrimitive, UpperLayer

LOGGER = logging.getLogger(__name__)

# Seconds a peer may take to read what is written at once, at most 1 MiB.
_WRITE_TIMEOUT: Final = 60.0
# Seconds an abort from another thread waits for a message that is being written.
_ABORT_PATIENCE: Final = 1.0
# A PDU that takes longer than the timeout must have brought so many bytes meanwhile.
_PROGRESS: Final = 0x1000

Received = ACSEPrimitive | DIMSEPrimitive
GetFile = Callable[[Any, Dataset], tuple[BinaryIO, int]]


class DULServiceProvider:
    """The upper layer of one association.

    Args:
        store_in_file: The SOP classes whose data sets go to a file.
        get_file_cb: Returns the file for such a data set, and where in the file it begins, from
            its presentation context and command set.
        dul_socket: The connection, for an acceptor; ``None`` to `connect` later.
        max_pdu_length: The longest PDU that is announced to the peer.

    Attributes:
        accepted_contexts: The accepted presentation contexts by ID.
        timeout: Seconds the peer may take to close the connection at the end (ARTIM).
    """

    def __init__(
        self,
        store_in_file: Container[str],
        get_file_cb: GetFile,
        dul_socket: Any = None,
        max_pdu_length: int = 65536,
    ) -> None:
        self.store_in_file = store_in_file
        self.get_file_cb = get_file_cb
        self.max_pdu_length = max_pdu_length
        self.accepted_contexts: dict[int, Any] = {}
        self.timeout: float = 15.0
        self._core = UpperLayer(
            is_requestor=dul_socket is None,
            maximum_data_set_length=_config.MAXIMUM_DATA_SET_LENGTH,
            open_sink=self._open_sink,
        )
        self._connection = AssociationSocket(self, dul_socket)
        self._events: deque[Any] = deque()
        self._artim_end: float | None = None
        # Protects the core and the events. Never held while waiting.
        self._lock = threading.Lock()
        # Keeps a message whole. Held while the peer takes it, and taken before the other.
        self._writing = threading.Lock()

    def begin(self) -> None:
        """Begin to wait for a request, as an acceptor."""
        self._tell(self._core.connected)

    def connect(self, request: A_ASSOCIATE, address: tuple[str, int]) -> None:
        """Open the connection and send the request.

        Raises:
            OSError: It cannot be opened.
        """
        self._tell(self._core.send, request)  # says what is wrong with it before anything happens
        request.called_presentation_address = AddressInformation(*address)
        self._connection.connect(T_CONNECT(request), self.timeout)
        self._tell(self._core.connected)

    def send(
        self, primitive: Received, context_id: int = 0, source: DataSource | None = None
    ) -> None:
        """Send a primitive.

        Args:
            primitive: The primitive.
            context_id: The presentation context of a message.
            source: The data set of a message.

        Raises:
            LocalProtocolError: The state of the association does not allow it.
        """
        self._tell(self._core.send, primitive, context_id, source)

    def receive(self, timeout: float | None = None) -> Received:
        """Wait for the next primitive, an A-P-ABORT if the connection is lost.

        Args:
            timeout: Seconds in which a PDU must come, or a good part of it; ``None`` for ever.

        Raises:
            DCMTimeoutError: None came.
        """
        begun, count = monotonic(), 0
        while not self._events:
            if self._is_over:
                return A_P_ABORT(0)
            count += self._read(None if timeout is None else begun + timeout)
            if count >= _PROGRESS or not self._core.is_mid_pdu:
                begun, count = monotonic(), 0
        event: Received = self._events.popleft()
        return event

    def is_cancelled(self, message_id: int) -> bool:
        """Return whether a C-CANCEL for a message has come; look, but do not wait."""
        if not self._events and self._connection.ready:
            with suppress(DCMTimeoutError):  # of TLS, what was there may be no data
                self._read(monotonic())
        first = self._events[0] if self._events else None
        if isinstance(first, C_CANCEL) and first.MessageIDBeingRespondedTo == message_id:
            self._events.popleft()
            return True
        return False

    @property
    def error(self) -> Exception | None:
        """What the peer did wrong, if that ended the association."""
        return self._core.error

    @property
    def _is_over(self) -> bool:
        return self._core.close_wanted or self._core.state is State.STA1

    def stop(self) -> bool:
        """Wait for the peer to close the connection, at most for `timeout`, and close it.

        Returns:
            True, always.
        """
        while not self._is_over and self._artim_end is not None:
            self._read(None)
            self._events.clear()
        self._connection.close()
        return True

    def kill(self) -> None:
        """End the association and its connection now, in whatever thread it is used."""
        if self._core.state not in (State.STA1, State.STA2, State.STA4, State.STA13):
            with suppress(LocalProtocolError):  # the other thread was quicker
                self.send(A_ABORT(0))
        self._connection.close()

    def _read(self, deadline: float | None) -> int:
        """Read once; return how many bytes came."""
        limits = [end for end in (deadline, self._artim_end) if end is not None]
        try:
            count = self._connection.receive_into(
                self._core.receive_buffer(), min(limits, default=None)
            )
        except TimeoutError:
            if self._artim_end is None or monotonic() < self._artim_end:
                raise DCMTimeoutError("The peer sent nothing within the timeout") from None
            self._tell(self._core.artim_expired)
            return 0
        if count:
            self._tell(self._core.bytes_received, count)
        else:
            self._tell(self._core.receive_eof)
        return count

    def _tell(self, happening: Callable[..., object], *arguments: Any) -> None:
        """Tell the core of something, then do what it wants to be done."""
        with self._lock:
            happening(*arguments)
            self._events += self._core.events_received()
        if self._core.output:
            self._flush()
        if not self._core.artim_running:
            self._artim_end = None
        elif self._artim_end is None:
            self._artim_end = monotonic() + self.timeout
        if self._core.close_wanted:
            self._connection.close()

    def _flush(self) -> None:
        is_ending = self._core.state in (State.STA1, State.STA13)
        if not self._writing.acquire(timeout=_ABORT_PATIENCE if is_ending else -1):
            self._connection.shutdown()  # the peer does not read: an abort need not wait for it
            return
        try:
            self._write()
        except (OSError, LocalProtocolError) as error:
            LOGGER.error("Unable to send: %s", error)
            self._connection.shutdown()
            with self._lock:
                self._core.receive_eof()
                self._events += self._core.events_received()
        finally:
            self._writing.release()

    def _write(self) -> None:
        while True:
            with self._lock:
                batch = self._core.next_batch()
            if batch is None:
                return
            self._connection.send_batch(batch, _WRITE_TIMEOUT)

    def _open_sink(self, primitive: DIMSEPrimitive, context_id: int) -> Sink:
        context = self.accepted_contexts.get(context_id)
        if (
            isinstance(primitive, C_STORE)
            and context is not None
            and context.sop_class in self.store_in_file
        ):
            return _FileSink(self.get_file_cb, context, primitive)
        return MemorySink()


class _FileSink:
    """Writes a data set to the file that the user provides.

    What goes wrong must not end the association: the rest is dropped, and the error becomes the
    status of the response.
    """

    def __init__(self, get_file: GetFile, context: Any, request: DIMSEPrimitive) -> None:
        self._file: BinaryIO | None = None
        self._begin = 0
        self._error: Exception | None = None
        try:
            self._file, self._begin = get_file(context, message_of(request).command_set)
        except Exception as error:
            self._fail(error)

    def write(self, data: Buffer, /) -> None:
        """Write the next fragment."""
        if self._file is not None:
            try:
                self._file.write(data)
            except Exception as error:
                self._fail(error)

    def deliver(self, primitive: DIMSEPrimitive) -> None:
        """Hand over the file, or why there is none."""
        if self._file is not None:
            try:
                if isinstance(self._file, ArrivingFile):
                    self._file.keep()
                self._file.seek(self._begin)
            except Exception as error:
                self._fail(error)
        primitive._dataset_path = self._file  # the file itself, not its name
        primitive._sink_error = self._error

    def discard(self) -> None:
        """Close the file: the rest will not come."""
        if self._file is not None:
            with suppress(OSError):  # what could not be written is not wanted any more
                self._file.close()
            self._file = None

    def _fail(self, error: Exception) -> None:
        LOGGER.exception("A data set cannot be kept")
        self._error = error
        self.discard()
