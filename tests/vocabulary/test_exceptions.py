"""The errors: who was wrong, and which built-in error the documented API promises."""

import pytest

from pynetdicom.exceptions import (
    AbortReason,
    DICOMNetworkError,
    LocalProtocolError,
    NoAcceptedContextError,
    RemoteProtocolError,
)


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (LocalProtocolError, RuntimeError),
        (RemoteProtocolError, ValueError),
        (NoAcceptedContextError, ValueError),
    ],
)
def test_every_error_is_one_of_ours_and_one_of_pythons(
    error: type[DICOMNetworkError], builtin: type[Exception]
) -> None:
    assert issubclass(error, DICOMNetworkError)
    assert issubclass(error, builtin)
    assert str(error("why")) == "why"


def test_a_peers_mistake_has_the_reason_of_the_abort() -> None:
    assert RemoteProtocolError("?").reason is AbortReason.INVALID_PARAMETER_VALUE
    assert RemoteProtocolError("?", AbortReason.UNEXPECTED_PDU).reason == 2


def test_the_reasons_are_those_of_the_standard() -> None:
    assert [reason.value for reason in AbortReason] == [0, 1, 2, 4, 5, 6]
