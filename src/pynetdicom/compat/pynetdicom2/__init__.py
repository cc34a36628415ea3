"""The names of pynetdicom2, over the core of this library.

Everything is blocking: a message goes out, the next one comes in. New programs use `pynetdicom.AE`
instead.
"""

import os
import threading
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

from pydicom import Dataset

from pynetdicom.compat.pynetdicom2 import statuses
from pynetdicom.compat.pynetdicom2._arriving import ArrivingFile
from pynetdicom.compat.pynetdicom2.applicationentity import AE, AEBase, ClientAE, write_meta
from pynetdicom.compat.pynetdicom2.asceprovider import PContextDef
from pynetdicom.compat.pynetdicom2.exceptions import EventHandlingError
from pynetdicom.compat.pynetdicom2.sopclass import qr_find_scu
from pynetdicom.compat.pynetdicom2.uids import PATIENT_ROOT_FIND_SOP_CLASS

__all__ = ["ClientStorageAE", "StorageAE", "c_find"]

_ids = threading.local()


def c_find(
    remote_ae: dict[str, Any],
    local_aet: str,
    ds: Dataset,
    root: str = PATIENT_ROOT_FIND_SOP_CLASS,
) -> Iterator[tuple[Dataset | None, statuses.Status]]:
    """Query a peer by an association of its own: yield each match, then ``None``, with its status.

    Args:
        remote_ae: Whom to ask: `aet`, `address`, `port`.
        local_aet: The title of the one who asks.
        ds: The query.
        root: The SOP class of the query.
    """
    numbers = vars(_ids).setdefault("numbers", count())
    ae = ClientAE(local_aet).add_scu(qr_find_scu, [root])
    with ae.request_association(remote_ae) as asce:
        yield from asce.get_scu(root)(ds, next(numbers) % 0xFFFF + 1)


class _InFolder(AEBase):
    """Keeps what it receives in a folder, one file for each instance, under its UID.

    An instance that comes again replaces the one that is there.
    """

    storage_dir: Path
    _numbers = count()

    def get_file(self, context: PContextDef, command_set: Dataset) -> tuple[Any, int]:
        """Return a file in the folder; it gets its name when it is complete."""
        uid = str(command_set.AffectedSOPInstanceUID)
        if not uid or set(uid) - set("0123456789."):
            raise EventHandlingError(f"{uid!r} is no UID and cannot be the name of a file")
        part = self.storage_dir / f".{uid}-{os.getpid()}-{next(self._numbers)}.part"
        file = ArrivingFile(part, self.storage_dir / f"{uid}.dcm")
        write_meta(file, command_set, context.supported_ts)
        return file, 0


class StorageAE(_InFolder, AE):
    """An AE that keeps what peers send to it in a folder; give it `storage_scp`.

    Args:
        storage_dir: The folder.
        ae_title: Its title.
        port: Where to listen.
        supported_ts: The transfer syntaxes; ``None`` for the three uncompressed ones.
        max_pdu_length: The longest PDU it wants to receive.
    """

    def __init__(
        self,
        storage_dir: str | os.PathLike[str],
        ae_title: str,
        port: int,
        supported_ts: Iterable[str] | None = None,
        max_pdu_length: int = 65536,
    ) -> None:
        self.storage_dir: Path = Path(storage_dir)
        AE.__init__(self, ae_title, port, supported_ts, max_pdu_length)


class ClientStorageAE(_InFolder, ClientAE):
    """An AE that keeps what it retrieves by C-GET in a folder.

    Args:
        storage_dir: The folder.
        ae_title: Its title.
        supported_ts: The transfer syntaxes; ``None`` for the three uncompressed ones.
        max_pdu_length: The longest PDU it wants to receive.
    """

    def __init__(
        self,
        storage_dir: str | os.PathLike[str],
        ae_title: str,
        supported_ts: Iterable[str] | None = None,
        max_pdu_length: int = 65536,
    ) -> None:
        self.storage_dir: Path = Path(storage_dir)
        ClientAE.__init__(self, ae_title, supported_ts, max_pdu_length)
