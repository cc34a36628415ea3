"""The association of pynetdicom 1.1: AE titles are 16 bytes, query models letters."""

from typing import Any

from pydicom import Dataset

from pynetdicom import association, sop_class
from pynetdicom.compat.v1.utils import as_text, padded

_ROOTS = {
    "P": "PatientRootQueryRetrieveInformationModel",
    "S": "StudyRootQueryRetrieveInformationModel",
    "O": "PatientStudyOnlyQueryRetrieveInformationModel",
    "H": "HangingProtocolInformationModel",
    "D": "DefinedProcedureProtocolInformationModel",
    "CP": "ColorPaletteInformationModel",
    "IG": "GenericImplantTemplateInformationModel",
    "IA": "ImplantAssemblyTemplateInformationModel",
    "IT": "ImplantTemplateGroupInformationModel",
}


def _models(operation: str, **others: str) -> dict[str, str]:
    return {**{key: getattr(sop_class, root + operation) for key, root in _ROOTS.items()}, **others}


FIND = _models(
    "Find",
    W=sop_class.ModalityWorklistInformationFind,
    G=sop_class.GeneralRelevantPatientInformationQuery,
    B=sop_class.BreastImagingRelevantPatientInformationQuery,
    C=sop_class.CardiacRelevantPatientInformationQuery,
    PC=sop_class.ProductCharacteristicsQuery,
    SA=sop_class.SubstanceApprovalQuery,
)
GET = _models(
    "Get",
    C=sop_class.CompositeInstanceRootRetrieveGet,
    CB=sop_class.CompositeInstanceRetrieveWithoutBulkDataGet,
)
MOVE = _models("Move", C=sop_class.CompositeInstanceRootRetrieveMove)


def _model(letters: str, models: dict[str, str]) -> str:
    try:
        return models[letters]
    except KeyError:
        known = ", ".join(models)
        raise ValueError(f"{letters!r} is no query model, these are: {known}") from None


class ServiceUser(association.ServiceUser):
    """One side of an association, whose AE title is read as bytes."""

    @property
    def ae_title(self) -> Any:
        """The AE title, 16 bytes."""
        return padded(self._ae_title)

    @ae_title.setter
    def ae_title(self, value: str | bytes) -> None:
        self._check_writeable()
        self._ae_title = as_text(value)


class Association(association.Association):
    """An association; see `pynetdicom.association.Association` for what is not here."""

    _service_user_class: type[association.ServiceUser] = ServiceUser

    def send_c_store(  # type: ignore[misc, override]  # titles may be bytes
        self,
        dataset: Dataset,
        msg_id: int = 1,
        priority: int = 2,
        originator_aet: str | bytes | None = None,
        originator_id: int | None = None,
    ) -> Dataset:
        """Send an instance (C-STORE, PS3.7 9.1.1)."""
        title = None if originator_aet is None else as_text(originator_aet)
        return super().send_c_store(dataset, msg_id, priority, title, originator_id)

    def send_c_find(  # type: ignore[misc, override]  # the order of 1.1
        self, dataset: Dataset, msg_id: int = 1, priority: int = 2, query_model: str = "P"
    ) -> Any:
        """Ask the peer for matches (C-FIND, PS3.7 9.1.2); `query_model` is a key of `FIND`."""
        return super().send_c_find(dataset, _model(query_model, FIND), msg_id, priority)

    def send_c_get(  # type: ignore[misc, override]  # the order of 1.1
        self, dataset: Dataset, msg_id: int = 1, priority: int = 2, query_model: str = "P"
    ) -> Any:
        """Have instances sent here (C-GET, PS3.7 9.1.3); `query_model` is a key of `GET`."""
        return super().send_c_get(dataset, _model(query_model, GET), msg_id, priority)

    def send_c_move(  # type: ignore[misc, override]  # the order of 1.1
        self,
        dataset: Dataset,
        move_aet: str | bytes,
        msg_id: int = 1,
        priority: int = 2,
        query_model: str = "P",
    ) -> Any:
        """Have instances sent to somebody (C-MOVE, PS3.7 9.1.4); see `MOVE` for `query_model`."""
        model = _model(query_model, MOVE)
        return super().send_c_move(dataset, as_text(move_aet), model, msg_id, priority)

    def send_c_cancel_find(self, msg_id: int, query_model: str = "P") -> None:
        """Ask the peer to stop a C-FIND (C-CANCEL, PS3.7 9.3.2.3)."""
        self.send_c_cancel(msg_id, query_model=_model(query_model, FIND))

    def send_c_cancel_get(self, msg_id: int, query_model: str = "P") -> None:
        """Ask the peer to stop a C-GET (C-CANCEL, PS3.7 9.3.3.3)."""
        self.send_c_cancel(msg_id, query_model=_model(query_model, GET))

    def send_c_cancel_move(self, msg_id: int, query_model: str = "P") -> None:
        """Ask the peer to stop a C-MOVE (C-CANCEL, PS3.7 9.3.4.3)."""
        self.send_c_cancel(msg_id, query_model=_model(query_model, MOVE))
