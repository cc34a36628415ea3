"""The services of pynetdicom2: functions that hold one conversation.

A service of the requestor's side is `f(asce, ctx, *args)`, one of the acceptor's `f(asce, ctx,
msg)`. `asce` is the association, `ctx` the presentation context with the agreed transfer syntax.
"""

import logging

from pynetdicom.compat.pynetdicom2 import dimsemessages, statuses, uids
from pynetdicom.compat.pynetdicom2._commitment import StorageCommitment as StorageCommitment
from pynetdicom.compat.pynetdicom2._commitment import (
    storage_commitment_scu as storage_commitment_scu,
)
from pynetdicom.compat.pynetdicom2._conversation import MessageDispatcher as MessageDispatcher
from pynetdicom.compat.pynetdicom2._conversation import MessageDispatcherSCP as MessageDispatcherSCP
from pynetdicom.compat.pynetdicom2._conversation import MessageDispatcherSCU as MessageDispatcherSCU
from pynetdicom.compat.pynetdicom2._conversation import (
    answer_to,
    request_for,
    response_to,
    serves,
)
from pynetdicom.compat.pynetdicom2._conversation import sop_classes as sop_classes
from pynetdicom.compat.pynetdicom2._conversation import store_in_file as store_in_file
from pynetdicom.compat.pynetdicom2._query import modality_work_list_scp as modality_work_list_scp
from pynetdicom.compat.pynetdicom2._query import modality_work_list_scu as modality_work_list_scu
from pynetdicom.compat.pynetdicom2._query import qr_find_scp as qr_find_scp
from pynetdicom.compat.pynetdicom2._query import qr_find_scu as qr_find_scu
from pynetdicom.compat.pynetdicom2._retrieve import qr_get_scu as qr_get_scu
from pynetdicom.compat.pynetdicom2._retrieve import qr_move_scp as qr_move_scp
from pynetdicom.compat.pynetdicom2._retrieve import qr_move_scu as qr_move_scu
from pynetdicom.compat.pynetdicom2._storage import storage_scp as storage_scp
from pynetdicom.compat.pynetdicom2._storage import storage_scu as storage_scu
from pynetdicom.compat.pynetdicom2.asceprovider import Association, PContextDef
from pynetdicom.compat.pynetdicom2.dimsemessages import DIMSEMessage
from pynetdicom.compat.pynetdicom2.exceptions import EventHandlingError
from pynetdicom.compat.pynetdicom2.statuses import Status
from pynetdicom.compat.pynetdicom2.uids import *  # noqa: F403  # programs take them from here

LOGGER = logging.getLogger(__name__)


@sop_classes([uids.VERIFICATION_SOP_CLASS])
def verification_scu(asce: Association, ctx: PContextDef, msg_id: int) -> Status:
    """Ask the peer to answer, and return its status.

    Args:
        asce: The association.
        ctx: The presentation context.
        msg_id: The message ID.
    """
    asce.send(request_for(dimsemessages.CEchoRQMessage, ctx, msg_id), ctx.id)
    response = answer_to(asce, dimsemessages.CEchoRSPMessage, msg_id)
    return Status(response.status, dimsemessages.CEchoRSPMessage)


@sop_classes([uids.VERIFICATION_SOP_CLASS])
@serves(dimsemessages.CEchoRQMessage)
def verification_scp(asce: Association, ctx: PContextDef, msg: DIMSEMessage) -> None:
    """Answer a C-ECHO with what `on_receive_echo` returns."""
    try:
        status = asce.ae.on_receive_echo(ctx)
    except EventHandlingError:
        LOGGER.exception("on_receive_echo failed")
        status = statuses.PROCESSING_FAILURE
    asce.send(response_to(msg, status), ctx.id)
