"""The errors of the package.

    DICOMNetworkError
    ├── LocalProtocolError (RuntimeError)   we asked for something the protocol does not allow now
    │   └── InvalidEventError               by the state machine's table
    ├── RemoteProtocolError (ValueError)    the peer sent something the standard does not allow
    └── NoAcceptedContextError (ValueError) no accepted presentation context fits the request

Where the documented API promises a built-in error, ours is one too.
"""

from enum import IntEnum


class AbortReason(IntEnum):
    """Why a service provider aborts (PS3.8 9.3.8)."""

    NOT_SPECIFIED = 0
    UNRECOGNIZED_PDU = 1
    UNEXPECTED_PDU = 2
    UNRECOGNIZED_PARAMETER = 4
    UNEXPECTED_PARAMETER = 5
    INVALID_PARAMETER_VALUE = 6


class DICOMNetworkError(Exception):
    """Base of all errors which this package defines."""


class LocalProtocolError(DICOMNetworkError, RuntimeError):
    """This side asked for something that the state of the association does not allow."""


class InvalidEventError(LocalProtocolError):
    """The state machine has no action for an event in its present state (PS3.8 Table 9-10)."""


class RemoteProtocolError(DICOMNetworkError, ValueError):
    """The peer sent bytes which break the standard; the association is aborted with `reason`.

    The core never lets it out: it is recorded as `UpperLayer.error` and answered with an A-ABORT.
    Decoders raise it.
    """

    def __init__(
        self, message: str, reason: AbortReason = AbortReason.INVALID_PARAMETER_VALUE
    ) -> None:
        super().__init__(message)
        self.reason = reason


class NoAcceptedContextError(DICOMNetworkError, ValueError):
    """No accepted presentation context fits what is to be sent."""
