"""pynetdicom 1.1: its names and defaults, its AE titles as bytes and query models as letters.

Programs that only set callbacks run with `from pynetdicom import AE`, too, and are told how they
would be written today. Here everything is as it was, without a word about it.
"""

from pynetdicom import PYNETDICOM_IMPLEMENTATION_UID as PYNETDICOM_IMPLEMENTATION_UID
from pynetdicom import PYNETDICOM_IMPLEMENTATION_VERSION as PYNETDICOM_IMPLEMENTATION_VERSION
from pynetdicom import PYNETDICOM_UID_PREFIX as PYNETDICOM_UID_PREFIX
from pynetdicom import __version__ as __version__
from pynetdicom.compat.v1.ae import ApplicationEntity as AE  # noqa: N817  # the documented name
from pynetdicom.compat.v1.ae import setup_logger as setup_logger
from pynetdicom.compat.v1.association import Association as Association
from pynetdicom.compat.v1.presentation import (
    DEFAULT_TRANSFER_SYNTAXES,
    BasicWorklistManagementPresentationContexts,
    ColorPalettePresentationContexts,
    DefinedProcedureProtocolPresentationContexts,
    DisplaySystemPresentationContexts,
    HangingProtocolPresentationContexts,
    ImplantTemplatePresentationContexts,
    NonPatientObjectPresentationContexts,
    QueryRetrievePresentationContexts,
    RelevantPatientInformationPresentationContexts,
    StoragePresentationContexts,
    SubstanceAdministrationPresentationContexts,
    VerificationPresentationContexts,
    build_context,
)

__all__ = [
    "AE",
    "DEFAULT_TRANSFER_SYNTAXES",
    "PYNETDICOM_IMPLEMENTATION_UID",
    "PYNETDICOM_IMPLEMENTATION_VERSION",
    "PYNETDICOM_UID_PREFIX",
    "Association",
    "BasicWorklistManagementPresentationContexts",
    "ColorPalettePresentationContexts",
    "DefinedProcedureProtocolPresentationContexts",
    "DisplaySystemPresentationContexts",
    "HangingProtocolPresentationContexts",
    "ImplantTemplatePresentationContexts",
    "NonPatientObjectPresentationContexts",
    "QueryRetrievePresentationContexts",
    "RelevantPatientInformationPresentationContexts",
    "StoragePresentationContexts",
    "SubstanceAdministrationPresentationContexts",
    "VerificationPresentationContexts",
    "__version__",
    "build_context",
]
