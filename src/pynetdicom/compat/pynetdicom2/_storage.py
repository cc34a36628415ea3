"""Storage as pynetdicom2 does it (PS3.4 B)."""

import logging
from os import PathLike
from typing import Any

from pydicom import Dataset, dcmread
from pydicom.uid import UID

from pynetdicom import dsutils as files
from pynetdicom.compat.pynetdicom2 import dimsemessages, dsutils, statuses, uids
from pynetdicom.compat.pynetdicom2._conversation import (
    answer_to,
    request_for,
    response_to,
    serves,
    sop_classes,
    store_in_file,
)
from pynetdicom.compat.pynetdicom2.asceprovider import Association, PContextDef
from pynetdicom.compat.pynetdicom2.exceptions import DIMSEProcessingError, EventHandlingError
from pynetdicom.compat.pynetdicom2.statuses import Status

LOGGER = logging.getLogger(__name__)

Originator = tuple[str, int]


@sop_classes([])
def storage_scu(
    asce: Association, ctx: PContextDef, dataset: Dataset | str | PathLike[str], msg_id: int
) -> Status:
    """Send an instance and return the status.

    Args:
        asce: The association.
        ctx: The presentation context.
        dataset: The instance, or the name of a file, which is sent as it is.
        msg_id: The message ID.

    Raises:
        DIMSEProcessingError: It is in a transfer syntax that was not agreed on.
    """
    return store(asce, ctx, dataset, msg_id)


def store(
    asce: Association, ctx: PContextDef, dataset: Any, msg_id: int, of: Originator | None = None
) -> Status:
    request = request_for(dimsemessages.CStoreRQMessage, ctx, msg_id)
    if of is not None:
        request.move_originator_aet, request.move_originator_message_id = of
    if isinstance(dataset, Dataset):
        request.affected_sop_instance_uid = dataset.SOPInstanceUID
        request.data_set = _encoded(dataset, ctx.supported_ts)
        return _send_store(asce, ctx, request)
    with open(dataset, "rb") as file:
        header = files.read_header(file)
        request.affected_sop_instance_uid = header.sop_instance_uid
        if header.transfer_syntax == ctx.supported_ts:
            file.seek(header.offset)
            request.data_set = file
        else:
            request.data_set = _encoded(dcmread(dataset), ctx.supported_ts)
        return _send_store(asce, ctx, request)


def _send_store(
    asce: Association, ctx: PContextDef, request: dimsemessages.CStoreRQMessage
) -> Status:
    asce.send(request, ctx.id)
    response = answer_to(asce, dimsemessages.CStoreRSPMessage, request.message_id)
    return Status(response.status, dimsemessages.CStoreRSPMessage)


def _encoded(dataset: Dataset, syntax: UID) -> bytes:
    """Return an instance in the agreed transfer syntax, if that only takes writing it anew."""
    meta = getattr(dataset, "file_meta", None)
    own = UID(getattr(meta, "TransferSyntaxUID", None) or syntax)
    if own != syntax and (own.is_encapsulated or UID(syntax).is_encapsulated):
        raise DIMSEProcessingError(
            f"The instance is in {own.name}, but {UID(syntax).name} was agreed on: "
            f"propose its own transfer syntax alone, with supported_ts=['{own}']"
        )
    return dsutils.encode_in(dataset, syntax)


@sop_classes(uids.STORAGE_SOP_CLASSES)
@store_in_file
@serves(dimsemessages.CStoreRQMessage)
def storage_scp(asce: Association, ctx: PContextDef, msg: Any) -> None:
    """Answer a C-STORE with what `on_receive_store` returns; its file is closed afterwards."""
    response = response_to(msg, stored(asce, ctx, msg))
    _close(msg.data_set)
    response.affected_sop_instance_uid = msg.affected_sop_instance_uid
    asce.send(response, ctx.id)


def stored(asce: Association, ctx: PContextDef, msg: Any) -> int | Status:
    """Give an instance to the user; return the status."""
    if msg.error is not None and not isinstance(msg.error, EventHandlingError):
        return statuses.C_STORE_OUT_OF_RESOURCES
    if msg.data_set is None:
        return statuses.C_STORE_CANNOT_UNDERSTAND
    try:
        status: int | Status = asce.ae.on_receive_store(ctx, msg.data_set)
    except EventHandlingError:
        LOGGER.exception("on_receive_store failed")
        return statuses.C_STORE_CANNOT_UNDERSTAND
    return status


def _close(data_set: Any) -> None:
    if hasattr(data_set, "close"):
        data_set.close()
