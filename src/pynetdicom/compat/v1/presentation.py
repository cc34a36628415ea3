"""The presentation contexts of pynetdicom 1.1: three transfer syntaxes, and twelve lists."""

from collections.abc import Iterable, Sequence
from typing import Final

from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from pynetdicom import presentation
from pynetdicom.presentation import PresentationContext

DEFAULT_TRANSFER_SYNTAXES: Final[list[str]] = [
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
]


def build_context(
    abstract_syntax: str | UID,
    transfer_syntax: str | Sequence[str] | None = None,
) -> PresentationContext:
    """Return a presentation context.

    Args:
        abstract_syntax: Its UID.
        transfer_syntax: One or several UIDs; ``None`` means the uncompressed ones, not deflated.

    Raises:
        ValueError: One of them is no UID.
    """
    return presentation.build_context(
        abstract_syntax, DEFAULT_TRANSFER_SYNTAXES if transfer_syntax is None else transfer_syntax
    )


# What these UIDs have behind "1.2.840.10008.5.1.4.1.1.": the first 128 that 1.1 knew.
_STORAGE = """
1 1.1 1.1.1 1.2 1.2.1 1.3 1.3.1 104.1 104.2 104.3 11.1 11.10 11.11 11.2 11.3 11.4 11.5 11.6 11.7
11.8 11.9 12.1 12.1.1 12.2 12.2.1 128 128.1 13.1.1 13.1.2 13.1.3 13.1.4 13.1.5 130 131 14.1 14.2 2
2.1 2.2 20 200.2 3.1 30 4 4.1 4.2 4.3 4.4 481.1 481.2 481.3 481.4 481.5 481.6 481.7 481.8 481.9
6.1 6.2 66 66.1 66.2 66.3 66.4 66.5 66.6 67 68.1 68.2 7 7.1 7.2 7.3 7.4 77.1.1 77.1.1.1 77.1.2
77.1.2.1 77.1.3 77.1.4 77.1.4.1 77.1.5.1 77.1.5.2 77.1.5.3 77.1.5.4 77.1.5.5 77.1.5.6 77.1.5.7
77.1.5.8 77.1.6 78.1 78.2 78.3 78.4 78.5 78.6 78.7 78.8 79.1 80.1 81.1 82.1 88.11 88.22 88.33
88.34 88.35 88.40 88.50 88.59 88.65 88.67 88.68 88.69 88.70 88.71 88.72 88.73 9.1.1 9.1.2 9.1.3
9.2.1 9.3.1 9.4.1 9.4.2 9.5.1 9.6.1 90.1
""".split()


def _contexts(uids: Iterable[str | None]) -> list[PresentationContext]:
    return [build_context(UID(uid or "")) for uid in uids]


def _as_they_were(
    contexts: Iterable[PresentationContext], *later: str
) -> list[PresentationContext]:
    """Return contexts without those that came after 1.1."""
    return _contexts(c.abstract_syntax for c in contexts if c.abstract_syntax not in later)


StoragePresentationContexts: list[PresentationContext] = _contexts(
    f"1.2.840.10008.5.1.4.1.1.{tail}" for tail in _STORAGE
)
VerificationPresentationContexts: list[PresentationContext] = _as_they_were(
    presentation.VerificationPresentationContexts
)
QueryRetrievePresentationContexts: list[PresentationContext] = _as_they_were(
    presentation.QueryRetrievePresentationContexts, "1.2.840.10008.5.1.4.1.1.201.6"
)
BasicWorklistManagementPresentationContexts: list[PresentationContext] = _as_they_were(
    presentation.BasicWorklistManagementPresentationContexts
)
RelevantPatientInformationPresentationContexts: list[PresentationContext] = _as_they_were(
    presentation.RelevantPatientInformationPresentationContexts
)
SubstanceAdministrationPresentationContexts: list[PresentationContext] = _as_they_were(
    presentation.SubstanceAdministrationPresentationContexts
)
NonPatientObjectPresentationContexts: list[PresentationContext] = _as_they_were(
    presentation.NonPatientObjectPresentationContexts,
    "1.2.840.10008.5.1.4.1.1.200.7",
    "1.2.840.10008.5.1.4.1.1.201.1",
)
HangingProtocolPresentationContexts: list[PresentationContext] = _as_they_were(
    presentation.HangingProtocolPresentationContexts
)
DefinedProcedureProtocolPresentationContexts: list[PresentationContext] = _as_they_were(
    presentation.DefinedProcedureProtocolPresentationContexts
)
ColorPalettePresentationContexts: list[PresentationContext] = _as_they_were(
    presentation.ColorPalettePresentationContexts
)
ImplantTemplatePresentationContexts: list[PresentationContext] = _as_they_were(
    presentation.ImplantTemplatePresentationContexts
)
DisplaySystemPresentationContexts: list[PresentationContext] = _as_they_were(
    presentation.DisplaySystemPresentationContexts
)
