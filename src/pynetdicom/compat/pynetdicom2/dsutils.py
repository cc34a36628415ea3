"""Data sets and elements, encoded and decoded."""

from io import BytesIO

from pydicom import Dataset
from pydicom.dataelem import DataElement
from pydicom.uid import UID

from pynetdicom import dsutils
from pynetdicom.compat.pynetdicom2.exceptions import DIMSEProcessingError


def decode(rawstr: bytes, is_implicit_vr: bool, is_little_endian: bool) -> Dataset:
    """Return the data set that these bytes are.

    Args:
        rawstr: The encoded data set.
        is_implicit_vr: Whether its transfer syntax leaves out the VRs.
        is_little_endian: Whether the least significant byte comes first.
    """
    return dsutils.decode(BytesIO(rawstr), is_implicit_vr, is_little_endian)


def encode(ds: Dataset, is_implicit_vr: bool, is_little_endian: bool) -> bytes:
    """Return a data set encoded.

    Args:
        ds: The data set.
        is_implicit_vr: Whether the transfer syntax leaves out the VRs.
        is_little_endian: Whether the least significant byte comes first.

    Raises:
        DIMSEProcessingError: It cannot be encoded.
    """
    return _there(dsutils.encode(ds, is_implicit_vr, is_little_endian))


def encode_element(elem: DataElement, is_implicit_vr: bool, is_little_endian: bool) -> bytes:
    """Return one element encoded; the arguments are those of `encode`."""
    return encode(Dataset({elem.tag: elem}), is_implicit_vr, is_little_endian)


def decode_in(data: bytes, transfer_syntax: UID) -> Dataset:
    """Return the data set that these bytes are in a transfer syntax."""
    syntax = UID(transfer_syntax)
    return dsutils.decode(
        BytesIO(data), syntax.is_implicit_VR, syntax.is_little_endian, syntax.is_deflated
    )


def encode_in(ds: Dataset, transfer_syntax: UID) -> bytes:
    """Return a data set encoded in a transfer syntax.

    Raises:
        DIMSEProcessingError: It cannot be encoded.
    """
    syntax = UID(transfer_syntax)
    data = dsutils.encode(ds, syntax.is_implicit_VR, syntax.is_little_endian, syntax.is_deflated)
    return _there(data)


def _there(data: bytes | None) -> bytes:
    if data is None:
        raise DIMSEProcessingError("The data set cannot be encoded; the log says why")
    return data
