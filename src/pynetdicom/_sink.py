"""Received data sets that go straight to a file instead of memory."""

import tempfile
from contextlib import suppress
from pathlib import Path

from pydicom.uid import UID

from pynetdicom import dsutils
from pynetdicom._layout import Buffer
from pynetdicom.dimse_primitives import C_STORE, DIMSEPrimitive

_FILE_BUFFER = 0x40000  # fragments are small, writes should not be


class FileSink:
    """Writes a C-STORE request's data set to a temporary DICOM file (PS3.10 7.1).

    A write that fails must not end the association: the rest is dropped, and the error becomes the
    status of the response.

    Args:
        request: The request.
        transfer_syntax: That of its presentation context.
    """

    def __init__(self, request: C_STORE, transfer_syntax: UID) -> None:
        self._error: OSError | None = None
        meta = dsutils.create_file_meta(
            sop_class_uid=request.AffectedSOPClassUID or UID(""),
            sop_instance_uid=request.AffectedSOPInstanceUID or UID(""),
            transfer_syntax=transfer_syntax,
        )
        self._file = tempfile.NamedTemporaryFile(  # noqa: SIM115  # outlives this function
            buffering=_FILE_BUFFER, suffix=".dcm", delete=False
        )
        self.write(dsutils.encode_preamble(meta))

    def write(self, data: Buffer, /) -> None:
        """Write the next fragment."""
        if self._error is None:
            try:
                self._file.write(data)
            except OSError as error:
                self._error = error

    def deliver(self, primitive: DIMSEPrimitive) -> None:
        """Tell the primitive where its data set is, or why it is not."""
        try:
            self._file.close()
        except OSError as error:
            self._error = error
        if self._error is not None:
            Path(self._file.name).unlink(missing_ok=True)
            primitive._sink_error = self._error
        else:
            primitive._dataset_path = Path(self._file.name)

    def discard(self) -> None:
        """Remove the file: the rest will not come."""
        with suppress(OSError):  # what could not be written is not wanted any more
            self._file.close()
        Path(self._file.name).unlink(missing_ok=True)
