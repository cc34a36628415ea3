"""The errors of pynetdicom2."""


class NetDICOMError(Exception):
    """Base of the errors."""


class ClassNotSupportedError(NetDICOMError):
    """No service for a SOP class is there, or the peer did not accept the class."""


class PDUProcessingError(NetDICOMError):
    """Bytes are not the PDU or item they are taken for."""


class DIMSEProcessingError(NetDICOMError):
    """A message lacks what it must have, or cannot be here."""


class DCMTimeoutError(NetDICOMError):
    """The peer sent nothing within the timeout."""


class EventHandlingError(NetDICOMError):
    """Raise it in a hook to answer the request with a failure."""


class AssociationError(NetDICOMError):
    """The association has ended, or never began."""


class AssociationReleasedError(AssociationError):
    """The peer released the association."""


class AssociationRejectedError(AssociationError):
    """The association was rejected; raise it in `on_association_request` to reject one.

    Args:
        result: 1 for good, 2 for now.
        source: 1 service user, 2 service provider (ACSE), 3 service provider (presentation).
        diagnostic: The reason (PS3.8 Table 9-21).
    """

    def __init__(self, result: int, source: int, diagnostic: int) -> None:
        super().__init__(f"result {result}, source {source}, diagnostic {diagnostic}")
        self.result = result
        self.source = source
        self.diagnostic = diagnostic


class AssociationAbortedError(AssociationError):
    """The association was aborted, or its connection was lost or never made.

    Args:
        source: 0 service user, 2 service provider.
        reason_diag: The reason of a service provider (PS3.8 9.3.8).
        why: What happened, where it is known.
    """

    def __init__(self, source: int, reason_diag: int, why: str = "") -> None:
        super().__init__(why or f"source {source}, reason {reason_diag}")
        self.source = source
        self.reason_diag = reason_diag
