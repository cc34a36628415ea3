"""Received data sets that go straight to a file instead of memory."""

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

from pydicom.uid import UID

from pynetdicom import dsutils
from pynetdicom._layout import Buffer
from pynetdicom.dimse_primitives import C_STORE, DIMSEPrimitive

_FILE_BUFFER = 0x40000  # fragments are small, writes should not be


class FileSink:
    """Writes a C-STORE request's data set to a temporary DICOM file (PS3.10 7.1).

    What goes wrong must not end the association: the rest is dropped, and the error becomes the
    status of the response.

    Args:
        request: The request.
        transfer_syntax: That of its presentation context.
    """

    def __init__(self, request: C_STORE, transfer_syntax: UID) -> None:
        self._error: Exception | None = None
        self._file: IO[bytes] | None = None
        try:
            meta = dsutils.create_file_meta(
                sop_class_uid=request.AffectedSOPClassUID or UID(""),
                sop_instance_uid=request.AffectedSOPInstanceUID or UID(""),
                transfer_syntax=transfer_syntax,
            )
            self._file = tempfile.NamedTemporaryFile(  # noqa: SIM115  # outlives this function
                buffering=_FILE_BUFFER, suffix=".dcm", delete=False
            )
            self._file.write(dsutils.encode_preamble(meta))
        except Exception as error:  # pydicom may not like the peer's UIDs, the disk may be full
            self._fail(error)

    def write(self, data: Buffer, /) -> None:
        """Write the next fragment."""
        if self._file is not None:
            try:
                self._file.write(data)
            except OSError as error:
                self._fail(error)

    def deliver(self, primitive: DIMSEPrimitive) -> None:
        """Tell the primitive where its data set is, or why it is not."""
        if self._file is not None:
            try:
                self._file.close()
                primitive._dataset_path = Path(self._file.name)
            except OSError as error:
                self._fail(error)
        primitive._sink_error = self._error

    def discard(self) -> None:
        """Remove the file: the rest will not come."""
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):  # what could not be written is not wanted any more
                file.close()
            Path(file.name).unlink(missing_ok=True)

    def _fail(self, error: Exception) -> None:
        self._error = error
        self.discard()
