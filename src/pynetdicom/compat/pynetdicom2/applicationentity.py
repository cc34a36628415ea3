"""The application entities of pynetdicom2: what they propose and serve, and the hooks of users."""

import socket
import socketserver
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, BinaryIO, ClassVar, Final, Self

from pydicom import Dataset
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from pynetdicom import dsutils
from pynetdicom._listener import Listener
from pynetdicom.compat.pynetdicom2 import statuses
from pynetdicom.compat.pynetdicom2.asceprovider import (
    AssociationAcceptor,
    AssociationRequester,
    PContextDef,
)
from pynetdicom.compat.pynetdicom2.exceptions import EventHandlingError
from pynetdicom.compat.pynetdicom2.pdu import AAssociateAcPDU, AAssociateRqPDU

_JOIN_TIMEOUT: Final = 20.0  # seconds for the threads of associations that were killed

RemoteAE = dict[str, Any]
Stored = tuple[str, str]


class AEBase:
    """What both kinds of application entity have in common.

    Args:
        supported_ts: The transfer syntaxes; ``None`` for the three uncompressed ones.
        max_pdu_length: The longest PDU it wants to receive.

    Attributes:
        supported_ts: The transfer syntaxes.
        timeout: Seconds to wait for a PDU of the peer.
        max_pdu_length: The longest PDU it wants to receive.
        context_def_list: What it proposes: ID to context.
        store_in_file: The SOP classes whose data sets go to a file.
        supported_scu: Its services of the requestor's side by SOP class.
        supported_scp: Its services of the acceptor's side by SOP class.
        local_ae: Its title as `aet`, its host as `address`, and its `port` if it has one.
        lock: Protects `context_def_list` and the associations.
    """

    default_ts: ClassVar[list[UID]] = [
        ExplicitVRLittleEndian,
        ImplicitVRLittleEndian,
        ExplicitVRBigEndian,
    ]

    def __init__(self, supported_ts: Iterable[str] | None, max_pdu_length: int) -> None:
        syntaxes = self.default_ts if supported_ts is None else supported_ts
        self.supported_ts: frozenset[str] = frozenset(syntaxes)
        self.timeout: float | None = 15
        self.max_pdu_length = max_pdu_length
        self.context_def_list: dict[int, PContextDef] = {}
        self.store_in_file: set[str] = set()
        self.supported_scu: dict[str, Callable[..., Any]] = {}
        self.supported_scp: dict[str, Callable[..., Any]] = {}
        self.local_ae: dict[str, Any] = {"address": socket.gethostname()}
        self.lock: threading.Lock = threading.Lock()
        self._accepted: set[AssociationAcceptor] = set()

    def add_scu(
        self, service: Callable[..., Any], sop_classes: Iterable[str] | None = None
    ) -> Self:
        """Add a service of the requestor's side.

        Args:
            service: The service.
            sop_classes: What it is for; ``None`` for what it says itself.
        """
        self._add(self.supported_scu, service, sop_classes)
        return self

    def _add(
        self,
        services: dict[str, Callable[..., Any]],
        service: Any,
        sop_classes: Iterable[str] | None = None,
    ) -> None:
        chosen = list(service.sop_classes if sop_classes is None else sop_classes)
        self.update_context_def_list(chosen, getattr(service, "store_in_file", False))
        services.update(dict.fromkeys(chosen, service))

    def update_context_def_list(
        self, sop_classes: Iterable[str], store_in_file: bool = False
    ) -> None:
        """Propose further SOP classes.

        Args:
            sop_classes: Their UIDs.
            store_in_file: Whether what is received of them goes to files.
        """
        chosen = list(dict.fromkeys(sop_classes))
        with self.lock:
            known = {context.sop_class for context in self.context_def_list.values()}
            number = max(self.context_def_list, default=-1)
            for sop_class in chosen:
                if sop_class not in known:
                    number += 2
                    context = PContextDef(number, sop_class, self.supported_ts)
                    self.context_def_list[number] = context
        if store_in_file:
            self.store_in_file.update(chosen)

    def copy_context_def_list(self) -> dict[int, PContextDef]:
        """Return a copy of what it proposes."""
        with self.lock:
            return dict(self.context_def_list)

    @contextmanager
    def request_association(self, remote_ae: RemoteAE) -> Iterator[AssociationRequester]:
        """Request an association for a `with` block; release it at its end, abort it at an error.

        Args:
            remote_ae: Whom to ask: `aet`, `address`, `port`; see `AssociationRequester`.

        Raises:
            AssociationError: There is none.
            DCMTimeoutError: The peer did not answer.
        """
        asce = AssociationRequester(self, self.max_pdu_length, remote_ae)
        try:
            asce.request()
            yield asce
            if asce.association_established:
                asce.release()
        except BaseException:
            if asce.association_established:
                asce.abort()
            raise
        finally:
            asce.kill()

    def _has_begun(self, asce: AssociationAcceptor) -> None:
        with self.lock:
            self._accepted.add(asce)

    def _has_ended(self, asce: AssociationAcceptor) -> None:
        with self.lock:
            self._accepted.discard(asce)

    def _open_associations(self) -> list[AssociationAcceptor]:
        with self.lock:
            return list(self._accepted)

    def get_file(self, context: PContextDef, command_set: Dataset) -> tuple[BinaryIO, int]:
        """Return a file for a data set that is about to arrive, and where its data begin.

        Args:
            context: The presentation context.
            command_set: The command set of the C-STORE request.
        """
        file = tempfile.TemporaryFile()  # noqa: SIM115  # outlives this function
        write_meta(file, command_set, context.supported_ts)
        return file, 0

    # The hooks.

    def on_association_request(self, asce: AssociationAcceptor, assoc: AAssociateRqPDU) -> None:
        """Decide about an association that a peer requests; by default all are accepted.

        Args:
            asce: The association.
            assoc: The request.

        Raises:
            AssociationRejectedError: Raise it to reject the association.
        """

    def on_association_response(self, response: AAssociateAcPDU) -> None:
        """Take notice of the acceptance of an association; by default nothing happens."""

    def on_receive_echo(self, context: PContextDef) -> int | statuses.Status:
        """Return the status of a C-ECHO, by default Success."""
        del context
        return statuses.SUCCESS

    def on_receive_store(self, context: PContextDef, ds: Any) -> int | statuses.Status:
        """Keep an instance, and return the status; by default it is discarded, with a warning.

        Args:
            context: The presentation context.
            ds: A DICOM file at its first byte, closed afterwards; or the bytes of a data set.
        """
        del context, ds
        return statuses.C_STORE_ELEMENTS_DISCARDED

    def on_receive_find(
        self, context: PContextDef, ds: Dataset
    ) -> Iterable[tuple[Dataset | None, int | statuses.Status]]:
        """Yield the matches of a query, each with a pending status; by default there are none."""
        del context, ds
        return ()

    def on_receive_move(
        self, context: PContextDef, ds: Dataset, destination: str
    ) -> tuple[RemoteAE | None, int, Iterable[Any]]:
        """Return where to send what a C-MOVE asks for, how many instances, and them.

        By default the destination is unknown.

        Args:
            context: The presentation context.
            ds: What is to be retrieved.
            destination: The title of the AE that is to receive it.
        """
        del context, ds, destination
        return None, 0, ()

    def on_commitment_request(
        self, remote_ae: str, uids: Iterable[Stored]
    ) -> tuple[RemoteAE, Iterable[Stored] | None, Iterable[tuple[str, str, int]] | None]:
        """Return where to report, what is kept safe, and what is not and why.

        Args:
            remote_ae: The title of the AE that asks.
            uids: SOP class and instance of each instance.
        """
        raise EventHandlingError("on_commitment_request is not overridden")

    def on_commitment_response(
        self,
        transaction_uid: str,
        success: Iterable[Stored],
        failure: Iterable[tuple[str, str, int]],
    ) -> None:
        """Take a report of commitment.

        Args:
            transaction_uid: The UID of the request.
            success: SOP class and instance of what is kept safe.
            failure: SOP class, instance and reason of what is not.
        """
        raise EventHandlingError("on_commitment_response is not overridden")


class ClientAE(AEBase):
    """An application entity that only requests associations.

    Args:
        ae_title: Its title.
        supported_ts: The transfer syntaxes; ``None`` for the three uncompressed ones.
        max_pdu_length: The longest PDU it wants to receive.
    """

    def __init__(
        self,
        ae_title: str,
        supported_ts: Iterable[str] | None = None,
        max_pdu_length: int = 65536,
    ) -> None:
        super().__init__(supported_ts, max_pdu_length)
        self.local_ae["aet"] = ae_title


class AE(AEBase, Listener, socketserver.ThreadingTCPServer):
    """An application entity that accepts associations, too; a server on all interfaces.

    In a `with` block it serves in a thread of its own.

    Args:
        ae_title: Its title.
        port: Where to listen; 0 takes a free one.
        supported_ts: The transfer syntaxes; ``None`` for the three uncompressed ones.
        max_pdu_length: The longest PDU it wants to receive.
        bind_and_activate: Whether to listen from now on.

    Raises:
        OSError: It cannot listen there.
    """

    daemon_threads = True

    def __init__(
        self,
        ae_title: str,
        port: int,
        supported_ts: Iterable[str] | None = None,
        max_pdu_length: int = 65536,
        bind_and_activate: bool = True,
    ) -> None:
        AEBase.__init__(self, supported_ts, max_pdu_length)
        self._threads_of_ours: set[threading.Thread] = set()
        Listener.__init__(self, ("", port), AssociationAcceptor, bind_and_activate)
        self.local_ae.update(aet=ae_title, port=self.server_address[1])

    def add_scp(self, service: Callable[..., Any]) -> Self:
        """Add a service of the acceptor's side; its SOP classes are proposed as well.

        Args:
            service: The service.
        """
        self._add(self.supported_scp, service)
        return self

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Run an association to its end."""
        AssociationAcceptor(request, client_address, self, self.max_pdu_length)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Show what went wrong in a hook on the standard error stream; the others go on."""
        socketserver.BaseServer.handle_error(self, request, client_address)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Run an association in a thread of its own."""
        self._start(self.process_request_thread, request, client_address)

    def _start(self, target: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        thread.start()
        with self.lock:
            alive = {other for other in self._threads_of_ours if other.is_alive()}
            self._threads_of_ours = alive | {thread}

    def quit(self) -> None:
        """Stop accepting, end the associations that are open, and close."""
        self.server_close()
        deadline = monotonic() + _JOIN_TIMEOUT
        for thread in self._threads_of_ours - {threading.current_thread()}:
            thread.join(max(0.0, deadline - monotonic()))

    def _end_associations(self) -> None:
        for asce in self._open_associations():
            asce.kill()

    def __enter__(self) -> Self:
        self._start(self.serve_forever)
        return self

    def __exit__(self, *_: object) -> None:
        self.quit()


def write_meta(fp: BinaryIO, command_set: Dataset, ts: str) -> None:
    """Write preamble and file meta information for the instance of a C-STORE request (PS3.10 7.1).

    Args:
        fp: The file.
        command_set: The command set of the request.
        ts: The transfer syntax.
    """
    meta = dsutils.create_file_meta(
        sop_class_uid=command_set.AffectedSOPClassUID,
        sop_instance_uid=command_set.AffectedSOPInstanceUID,
        transfer_syntax=UID(ts),
    )
    fp.write(dsutils.encode_preamble(meta))
