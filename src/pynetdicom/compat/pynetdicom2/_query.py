"""Queries as pynetdicom2 does them (PS3.4 C.4.1 and K)."""

import logging
from collections.abc import Iterator
from typing import Any

from pydicom import Dataset

from pynetdicom.compat.pynetdicom2 import dimsemessages, dsutils, statuses, uids
from pynetdicom.compat.pynetdicom2._conversation import (
    CANCELLED,
    answer_to,
    request_for,
    response_to,
    serves,
    sop_classes,
)
from pynetdicom.compat.pynetdicom2.asceprovider import Association, PContextDef
from pynetdicom.compat.pynetdicom2.exceptions import AssociationError, EventHandlingError
from pynetdicom.compat.pynetdicom2.statuses import Status

LOGGER = logging.getLogger(__name__)


def _find(
    asce: Association, ctx: PContextDef, ds: Dataset, msg_id: int
) -> Iterator[tuple[Dataset | None, Status]]:
    request = request_for(dimsemessages.CFindRQMessage, ctx, msg_id)
    request.data_set = dsutils.encode_in(ds, ctx.supported_ts)
    asce.send(request, ctx.id)
    status = statuses.C_FIND_PENDING
    try:
        while status.is_pending:
            response = answer_to(asce, dimsemessages.CFindRSPMessage, msg_id)
            status = Status(response.status, dimsemessages.CFindRSPMessage)
            data = response.data_set
            yield (dsutils.decode_in(data, ctx.supported_ts) if data else None), status
    finally:
        if status.is_pending:
            _cancel(asce, ctx, msg_id)


def _cancel(asce: Association, ctx: PContextDef, msg_id: int) -> None:
    """Tell the peer that nobody waits for the rest of its responses."""
    request = dimsemessages.CCancelRQMessage()
    request.message_id_being_responded_to = msg_id
    if asce.association_established:
        try:
            asce.send(request, ctx.id)
        except AssociationError:
            LOGGER.debug("The association ended before the request was cancelled")


@sop_classes([uids.PATIENT_ROOT_FIND_SOP_CLASS, uids.STUDY_ROOT_FIND_SOP_CLASS])
def qr_find_scu(
    asce: Association, ctx: PContextDef, ds: Dataset, msg_id: int
) -> Iterator[tuple[Dataset | None, Status]]:
    """Query the peer: yield each match with its status, at the end ``None`` with the final one.

    Leaving the loop early cancels the query.

    Args:
        asce: The association.
        ctx: The presentation context.
        ds: The query.
        msg_id: The message ID.
    """
    return _find(asce, ctx, ds, msg_id)


@sop_classes([uids.MODALITY_WORK_LIST_INFORMATION_FIND_SOP_CLASS])
def modality_work_list_scu(
    asce: Association, ctx: PContextDef, ds: Dataset, msg_id: int
) -> Iterator[tuple[Dataset | None, Status]]:
    """Query a worklist; as `qr_find_scu`."""
    return _find(asce, ctx, ds, msg_id)


@sop_classes([uids.PATIENT_ROOT_FIND_SOP_CLASS, uids.STUDY_ROOT_FIND_SOP_CLASS])
@serves(dimsemessages.CFindRQMessage)
def qr_find_scp(asce: Association, ctx: PContextDef, msg: Any) -> None:
    """Answer a query with what `on_receive_find` yields.

    A status that is not pending, or the peer's cancel, ends it.
    """
    asce.send(response_to(msg, _send_matches(asce, ctx, msg)), ctx.id)


@sop_classes([uids.MODALITY_WORK_LIST_INFORMATION_FIND_SOP_CLASS])
@serves(dimsemessages.CFindRQMessage)
def modality_work_list_scp(asce: Association, ctx: PContextDef, msg: Any) -> None:
    """Answer a worklist query; as `qr_find_scp`."""
    asce.send(response_to(msg, _send_matches(asce, ctx, msg)), ctx.id)


def _send_matches(asce: Association, ctx: PContextDef, msg: Any) -> Status:
    """Send the pending responses; return the final status."""
    kind = dimsemessages.CFindRSPMessage
    try:
        query = dsutils.decode_in(msg.data_set or b"", ctx.supported_ts)
        for match, code in asce.ae.on_receive_find(ctx, query):
            status = Status(int(code), kind)
            if not status.is_pending:
                return status
            if asce.dul.is_cancelled(msg.message_id):
                return CANCELLED
            response = response_to(msg, status)
            response.data_set = dsutils.encode_in(match, ctx.supported_ts)
            asce.send(response, ctx.id)
    except EventHandlingError:
        LOGGER.exception("on_receive_find failed")
        return statuses.C_FIND_UNABLE_TO_PROCESS
    return statuses.SUCCESS
