"""Retrieval as pynetdicom2 does it: C-GET and C-MOVE (PS3.4 C.4.2 and C.4.3)."""

import logging
from collections.abc import Iterable, Iterator
from os import PathLike
from typing import Any, Final

from pydicom import Dataset

from pynetdicom import dsutils as files
from pynetdicom.compat.pynetdicom2 import dimsemessages, dsutils, statuses, uids
from pynetdicom.compat.pynetdicom2._conversation import (
    CANCELLED,
    answer_to,
    request_for,
    response_to,
    serves,
    sop_classes,
)
from pynetdicom.compat.pynetdicom2._storage import store, stored
from pynetdicom.compat.pynetdicom2.asceprovider import Association, PContextDef
from pynetdicom.compat.pynetdicom2.exceptions import (
    AssociationError,
    ClassNotSupportedError,
    DCMTimeoutError,
    DIMSEProcessingError,
    EventHandlingError,
)
from pynetdicom.compat.pynetdicom2.statuses import Status

LOGGER = logging.getLogger(__name__)

_GET: Final = (
    uids.PATIENT_ROOT_GET_SOP_CLASS,
    uids.STUDY_ROOT_GET_SOP_CLASS,
    uids.PATIENT_STUDY_ONLY_GET_SOP_CLASS,
)
_MOVE: Final = (
    uids.PATIENT_ROOT_MOVE_SOP_CLASS,
    uids.STUDY_ROOT_MOVE_SOP_CLASS,
    uids.PATIENT_STUDY_ONLY_MOVE_SOP_CLASS,
)

_NO_SUB_OPERATIONS: Final = Status(0xA702, dimsemessages.CMoveRSPMessage)


@sop_classes(_GET)
def qr_get_scu(
    asce: Association, ctx: PContextDef, ds: Dataset, msg_id: int
) -> Iterator[tuple[PContextDef, Any]]:
    """Retrieve over this association: yield the context and the data of each instance.

    The data are an open file, or a data set if its class does not go to files. `on_receive_store`
    gets them first and says how the peer is answered.

    Args:
        asce: The association.
        ctx: The presentation context.
        ds: What to retrieve.
        msg_id: The message ID.
    """
    request = request_for(dimsemessages.CGetRQMessage, ctx, msg_id)
    request.data_set = dsutils.encode_in(ds, ctx.supported_ts)
    asce.send(request, ctx.id)
    while True:
        msg, context_id = asce.receive()
        if isinstance(msg, dimsemessages.CStoreRQMessage):
            yield from _take(asce, asce.accepted_contexts[context_id], msg)
        elif not isinstance(msg, dimsemessages.CGetRSPMessage):
            raise DIMSEProcessingError(f"{type(msg).__name__} came during a C-GET")
        elif not Status(msg.status, dimsemessages.CGetRSPMessage).is_pending:
            return


def _take(
    asce: Association, context: PContextDef, msg: dimsemessages.CStoreRQMessage
) -> Iterator[tuple[PContextDef, Any]]:
    """Answer a sub-operation of a C-GET, then yield what it brought."""
    data = msg.data_set
    begin = data.tell() if hasattr(data, "tell") else 0
    response = response_to(msg, stored(asce, context, msg))
    response.affected_sop_instance_uid = msg.affected_sop_instance_uid
    asce.send(response, context.id)
    if isinstance(data, bytes):
        yield context, dsutils.decode_in(data, context.supported_ts)
    elif data is not None and not data.closed:
        data.seek(begin)
        yield context, data


@sop_classes(_MOVE)
def qr_move_scu(
    asce: Association, ctx: PContextDef, ds: Dataset, dest_ae: str, msg_id: int
) -> Iterator[tuple[Status, dimsemessages.CMoveRSPMessage]]:
    """Have the peer send instances to an AE: yield each response, its status first.

    Args:
        asce: The association.
        ctx: The presentation context.
        ds: What to retrieve.
        dest_ae: The title of the AE that is to receive it.
        msg_id: The message ID.
    """
    request = request_for(dimsemessages.CMoveRQMessage, ctx, msg_id)
    request.move_destination = dest_ae
    request.data_set = dsutils.encode_in(ds, ctx.supported_ts)
    asce.send(request, ctx.id)
    status = statuses.C_MOVE_PENDING
    while status.is_pending:
        response = answer_to(asce, dimsemessages.CMoveRSPMessage, msg_id)
        status = Status(response.status, dimsemessages.CMoveRSPMessage)
        yield status, response


@sop_classes(_MOVE)
@serves(dimsemessages.CMoveRQMessage)
def qr_move_scp(asce: Any, ctx: PContextDef, msg: Any) -> None:
    """Send what `on_receive_move` names to the AE that it names, and report."""
    move = _Move(asce, ctx, msg)
    status = move.run()
    response = move.response(status)
    if move.failed_uids and status != CANCELLED:
        failed = Dataset()
        failed.FailedSOPInstanceUIDList = move.failed_uids
        response.data_set = dsutils.encode_in(failed, ctx.supported_ts)
    asce.send(response, ctx.id)


class _Move:
    """The sub-operations of a C-MOVE, counted."""

    def __init__(self, asce: Any, ctx: PContextDef, msg: Any) -> None:
        self._asce = asce
        self._ctx = ctx
        self._msg = msg
        self._remaining = self._completed = self._failed = self._warning = 0
        self.failed_uids: list[str] = []

    def run(self) -> Status:
        """Do all of it; return the final status."""
        msg = self._msg
        query = dsutils.decode_in(msg.data_set or b"", self._ctx.supported_ts)
        try:
            remote_ae, self._remaining, datasets = self._asce.ae.on_receive_move(
                self._ctx, query, msg.move_destination
            )
            if remote_ae is None:
                return statuses.C_MOVE_DESTINATION_UNKNOWN
            with self._asce.ae.request_association(remote_ae) as destination:
                return self._send_all(destination, datasets)
        except EventHandlingError:
            LOGGER.exception("on_receive_move failed")
            return statuses.C_MOVE_UNABLE_TO_PROCESS
        except (AssociationError, DCMTimeoutError) as error:
            self._asce._check_end()  # it may be the peer's own association that has ended
            LOGGER.error("C-MOVE to %s: %s", msg.move_destination, error)
            self._failed += self._remaining
            self._remaining = 0
            return _NO_SUB_OPERATIONS

    def _send_all(self, destination: Any, datasets: Iterable[Any]) -> Status:
        for number, dataset in enumerate(datasets):
            if self._asce.dul.is_cancelled(self._msg.message_id):
                return CANCELLED
            self._asce.send(self.response(statuses.C_MOVE_PENDING), self._ctx.id)
            self._send(destination, dataset, number)
        if not self._failed and not self._warning:
            return statuses.SUCCESS
        return statuses.C_MOVE_WARNING if self._completed or self._warning else _NO_SUB_OPERATIONS

    def _send(self, destination: Any, dataset: Any, number: int) -> None:
        originator = self._asce.remote_ae, self._msg.message_id
        sop_class, instance = _identity_of(dataset)
        self._remaining = max(self._remaining - 1, 0)
        try:
            context = destination.context_for(sop_class)
            status = store(destination, context, dataset, number & 0xFFFF, originator)
        except (ClassNotSupportedError, DIMSEProcessingError) as error:
            LOGGER.error("%s cannot be sent: %s", instance, error)
            status = statuses.PROCESSING_FAILURE
        if status.is_failure:
            self._failed += 1
            self.failed_uids.append(instance)
        elif status.is_warning:
            self._warning += 1
        else:
            self._completed += 1

    def response(self, status: Status) -> Any:
        """Return a response that has the numbers so far."""
        response = response_to(self._msg, status)
        if status.is_pending or status == CANCELLED:
            response.num_of_remaining_sub_ops = self._remaining
        response.num_of_completed_sub_ops = self._completed
        response.num_of_failed_sub_ops = self._failed
        response.num_of_warning_sub_ops = self._warning
        return response


def _identity_of(dataset: Dataset | str | PathLike[str]) -> tuple[str, str]:
    """Return SOP class and instance of a data set or file."""
    if isinstance(dataset, Dataset):
        return dataset.SOPClassUID, dataset.SOPInstanceUID
    with open(dataset, "rb") as file:
        header = files.read_header(file)
    return header.sop_class_uid, header.sop_instance_uid
