"""Storage commitment as pynetdicom2 does it (PS3.4 J): the report comes by a new association."""

import logging
from collections.abc import Iterable
from typing import Any, ClassVar, Final

from pydicom import Dataset

from pynetdicom.compat.pynetdicom2 import dimsemessages, dsutils, statuses, uids
from pynetdicom.compat.pynetdicom2._conversation import (
    MessageDispatcherSCP,
    answer_to,
    request_for,
    response_to,
    sop_classes,
)
from pynetdicom.compat.pynetdicom2.asceprovider import Association, PContextDef
from pynetdicom.compat.pynetdicom2.exceptions import EventHandlingError, NetDICOMError
from pynetdicom.compat.pynetdicom2.statuses import Status

LOGGER = logging.getLogger(__name__)

_INSTANCE: Final = "1.2.840.10008.1.20.1.1"  # the well-known one (PS3.4 J.3.5)
_REQUEST_COMMITMENT: Final = 1  # action type
_SUCCESS, _FAILURES = 1, 2  # event types

Stored = tuple[str, str]  # SOP class and instance
Failed = tuple[str, str, int]  # with the reason


@sop_classes([uids.STORAGE_COMMITMENT_SOP_CLASS])
def storage_commitment_scu(
    asce: Association,
    ctx: PContextDef,
    transaction_uid: str,
    uids: Iterable[Stored],
    msg_id: int,
) -> Status:
    """Ask the peer to keep instances safe; return the status of the request.

    Args:
        asce: The association.
        ctx: The presentation context.
        transaction_uid: The UID that the report will name.
        uids: SOP class and instance of each.
        msg_id: The message ID.
    """
    request = request_for(dimsemessages.NActionRQMessage, ctx, msg_id)
    request.requested_sop_instance_uid = _INSTANCE
    request.action_type_id = _REQUEST_COMMITMENT
    information = Dataset()
    information.TransactionUID = transaction_uid
    information.ReferencedSOPSequence = [_reference(*pair) for pair in uids]
    request.data_set = dsutils.encode_in(information, ctx.supported_ts)
    asce.send(request, ctx.id)
    response = answer_to(asce, dimsemessages.NActionRSPMessage, msg_id)
    return Status(response.status, dimsemessages.NActionRSPMessage)


def _reference(sop_class: str, instance: str, reason: int | None = None) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = sop_class
    item.ReferencedSOPInstanceUID = instance
    if reason is not None:
        item.FailureReason = reason
    return item


class StorageCommitment(MessageDispatcherSCP):
    """The acceptor's side of both partners: one is asked for commitment, one gets the report.

    The constants are reasons why there is no commitment to an instance (PS3.3 C.14.1.1).
    """

    sop_classes: ClassVar[list[str]] = [uids.STORAGE_COMMITMENT_SOP_CLASS]

    PROCESSING_FAILURE: ClassVar = 0x0110
    NO_SUCH_OBJECT_INSTANCE: ClassVar = 0x0112
    CLASS_INSTANCE_CONFLICT: ClassVar = 0x0119
    REFERENCED_SOP_CLASS_NOT_SUPPORTED: ClassVar = 0x0122
    DUPLICATE_TRANSACTION_UID: ClassVar = 0x0131
    RESOURCE_LIMITATION: ClassVar = 0x0213

    @staticmethod
    def n_action(asce: Any, ctx: PContextDef, msg: Any) -> None:
        """Answer a request for commitment, then report what `on_commitment_request` returns."""
        information = dsutils.decode_in(msg.data_set or b"", ctx.supported_ts)
        asked = _references(information, "ReferencedSOPSequence")
        response = response_to(msg, statuses.SUCCESS)
        response.affected_sop_instance_uid = msg.requested_sop_instance_uid
        response.action_type_id = msg.action_type_id
        try:
            remote_ae, success, failure = asce.ae.on_commitment_request(asce.remote_ae, asked)
        except EventHandlingError:
            LOGGER.exception("on_commitment_request failed")
            response.status = statuses.PROCESSING_FAILURE
            asce.send(response, ctx.id)
            return
        asce.send(response, ctx.id)
        _report(asce.ae, remote_ae, _result(information.get("TransactionUID"), success, failure))

    @staticmethod
    def n_event_report(asce: Any, ctx: PContextDef, msg: Any) -> None:
        """Give a report to `on_commitment_response`, and answer it."""
        information = dsutils.decode_in(msg.data_set or b"", ctx.supported_ts)
        success = _references(information, "ReferencedSOPSequence")
        failed = information.get("FailedSOPSequence") or []
        failure = [
            (item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID, item.FailureReason)
            for item in failed
        ]
        status = statuses.SUCCESS
        try:
            asce.ae.on_commitment_response(information.get("TransactionUID"), success, failure)
        except EventHandlingError:
            LOGGER.exception("on_commitment_response failed")
            status = statuses.PROCESSING_FAILURE
        response = response_to(msg, status)
        response.affected_sop_instance_uid = msg.affected_sop_instance_uid
        response.event_type_id = msg.event_type_id
        asce.send(response, ctx.id)


def _references(information: Dataset, keyword: str) -> list[Stored]:
    items = information.get(keyword) or []
    return [(item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID) for item in items]


def _result(
    transaction_uid: Any, success: Iterable[Stored] | None, failure: Iterable[Failed] | None
) -> Dataset:
    result = Dataset()
    result.TransactionUID = transaction_uid
    if stored := [_reference(*pair) for pair in success or ()]:
        result.ReferencedSOPSequence = stored
    if failed := [_reference(*values) for values in failure or ()]:
        result.FailedSOPSequence = failed
    return result


def _report(ae: Any, remote_ae: dict[str, Any], result: Dataset) -> None:
    """Report by a new association; that it failed is no concern of the one that asked."""
    try:
        with ae.request_association(remote_ae) as asce:
            ctx = asce.context_for(uids.STORAGE_COMMITMENT_SOP_CLASS)
            request = request_for(dimsemessages.NEventReportRQMessage, ctx, 1)
            request.affected_sop_instance_uid = _INSTANCE
            request.event_type_id = _FAILURES if "FailedSOPSequence" in result else _SUCCESS
            request.data_set = dsutils.encode_in(result, ctx.supported_ts)
            asce.send(request, ctx.id)
            answer_to(asce, dimsemessages.NEventReportRSPMessage, 1)
    except NetDICOMError as error:
        LOGGER.error("Commitment %s is not reported: %s", result.TransactionUID, error)
