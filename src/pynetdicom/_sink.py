"""Received data sets that go to a file instead of memory."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from pydicom.uid import UID

from pynetdicom._files import file_head, open_temporary
from pynetdicom._layout import Buffer
from pynetdicom.dimse_messages import MemorySink
from pynetdicom.dimse_primitives import C_STORE, DIMSEPrimitive

_FILE_BUFFER: Final = 0x40000  # fragments are small, writes should not be
_SMALL: Final = 0x10000  # what is no larger is complete before a file for it would be


class FileSink:
    """Writes a C-STORE request's data set to a temporary DICOM file (PS3.10 7.1).

    What goes wrong must not end the association: the rest is dropped, and the error becomes the
    status of the response.

    Args:
        request: The request.
        transfer_syntax: That of its presentation context.
        folder: Where to make the file; ``None`` for the system's folder for temporary files, in
            which nobody else may read it.
    """

    def __init__(
        self, request: C_STORE, transfer_syntax: UID, folder: str | os.PathLike[str] | None = None
    ) -> None:
        self._error: OSError | None = None
        self._file: IO[bytes] | None = None
        uids = request.AffectedSOPClassUID or "", request.AffectedSOPInstanceUID or ""
        try:
            descriptor, self._path = (
                tempfile.mkstemp(suffix=".dcm") if folder is None else open_temporary(folder)
            )
            self._file = open(descriptor, "wb", buffering=_FILE_BUFFER)  # noqa: SIM115  # outlives this function
            self._file.write(file_head(*uids, transfer_syntax))
        except OSError as error:
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
                primitive._dataset_path = Path(self._path)
            except OSError as error:
                self._fail(error)
        primitive._sink_error = self._error

    def discard(self) -> None:
        """Remove the file: the rest will not come."""
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):  # what could not be written is not wanted any more
                file.close()
            Path(self._path).unlink(missing_ok=True)

    def _fail(self, error: OSError) -> None:
        self._error = error
        self.discard()


class SpoolSink:
    """Keeps a small data set in memory, and writes a large one to a file while it arrives.

    Who will keep it as a file has not much left to do then but to rename it.

    Args:
        request: The request.
        transfer_syntax: That of its presentation context.
        folder: Where to make the file.
    """

    def __init__(
        self, request: C_STORE, transfer_syntax: UID, folder: str | os.PathLike[str]
    ) -> None:
        self._request = request
        self._transfer_syntax = transfer_syntax
        self._folder = folder
        self._sink: MemorySink | FileSink = MemorySink()

    def write(self, data: Buffer, /) -> None:
        """Take the next fragment."""
        sink = self._sink
        sink.write(data)
        if isinstance(sink, MemorySink) and sink.tell() > _SMALL:
            self._sink = FileSink(self._request, self._transfer_syntax, self._folder)
            with sink.getbuffer() as begin:
                self._sink.write(begin)

    def deliver(self, primitive: DIMSEPrimitive) -> None:
        """Hand the data set to its primitive, or tell it where the file is."""
        self._sink.deliver(primitive)

    def discard(self) -> None:
        """Forget the data set: the rest will not come."""
        self._sink.discard()
