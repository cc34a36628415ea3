"""C-STORE, both sides of it (PS3.7 9.1.1, PS3.4 B)."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.errors import InvalidDicomError
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from pynetdicom import _config, dsutils, evt
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.presentation import PresentationContext
from pynetdicom.services import serve
from pynetdicom.services.store import send_c_store
from pynetdicom.sop_class import CTImageStorage, MRImageStorage, Verification
from pynetdicom.testing import build
from services.conftest import Perform
from services.dialogue import ScriptedExchange, accepted, image, raises, stored, talk


def offered(*syntaxes: UID, roles: str = "both") -> ScriptedExchange:
    """Return an exchange where CT images were accepted once for each syntax."""
    contexts: list[PresentationContext] = []
    for number, syntax in enumerate(syntaxes):
        (context,) = accepted(CTImageStorage, transfer_syntax=syntax, roles=roles)
        context.context_id = 2 * number + 1
        contexts.append(context)
    exchange = ScriptedExchange(contexts)
    exchange.peer.append(stored())
    return exchange


def ct_image(syntax: UID = ImplicitVRLittleEndian) -> Dataset:
    dataset = image()
    dataset.file_meta.TransferSyntaxUID = syntax
    return dataset


def read_back(syntax: UID, says: UID) -> Dataset:
    """Return a data set that was read in one syntax and says it is in another."""
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = syntax.is_implicit_VR, syntax.is_little_endian
    write_dataset(buffer, ct_image())
    buffer.seek(0)
    dataset = dsutils.decode(
        BytesIO(buffer.getvalue()), syntax.is_implicit_VR, syntax.is_little_endian
    )
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = says
    return dataset


# As user.


def test_the_request_carries_the_instance(perform: Perform) -> None:
    exchange = talk(CTImageStorage, peer=[stored()])

    status = perform(send_c_store(exchange, image()))

    (said,) = exchange.said
    assert said.message == build(
        C_STORE,
        MessageID=1,
        Priority=2,
        AffectedSOPClassUID=CTImageStorage,
        AffectedSOPInstanceUID="1.2.3.4",
    )
    assert said.data_set == image()
    assert (said.context_id, status.Status) == (1, 0x0000)


def test_the_request_has_the_parameters_it_was_given(perform: Perform) -> None:
    exchange = talk(CTImageStorage, peer=[stored()])

    perform(send_c_store(exchange, image(), 7, 0, "MOVER", 9))

    (message,) = exchange.messages
    assert (message.MessageID, message.Priority) == (7, 0)
    assert message.MoveOriginatorApplicationEntityTitle == "MOVER"
    assert message.MoveOriginatorMessageID == 9


@pytest.mark.parametrize("status", [0x0000, 0xB000, 0xA700, 0xC123, 0x0122])
def test_any_status_is_returned(perform: Perform, status: int) -> None:
    exchange = talk(CTImageStorage, peer=[stored(status)])

    assert perform(send_c_store(exchange, image())).Status == status


def test_without_a_response_the_status_is_empty(perform: Perform) -> None:
    assert perform(send_c_store(talk(CTImageStorage), image())) == Dataset()


def test_nothing_is_sent_when_the_association_is_not_established(perform: Perform) -> None:
    exchange = talk(CTImageStorage, is_established=False)

    with pytest.raises(RuntimeError, match="must be established"):
        perform(send_c_store(exchange, image()))


@pytest.mark.parametrize("number", [-1, 65536])
def test_a_message_id_has_two_bytes(perform: Perform, number: int) -> None:
    with pytest.raises(ValueError, match="MessageID"):
        perform(send_c_store(talk(CTImageStorage), image(), number))


def test_a_priority_is_one_of_three(perform: Perform) -> None:
    with pytest.raises(ValueError, match="Priority"):
        perform(send_c_store(talk(CTImageStorage), image(), priority=3))


# Which context an instance goes by.


@pytest.mark.parametrize(
    ("own", "syntaxes", "chosen"),
    [
        (ImplicitVRLittleEndian, [ImplicitVRLittleEndian], 1),
        (ImplicitVRLittleEndian, [ExplicitVRLittleEndian, ImplicitVRLittleEndian], 3),
        (ImplicitVRLittleEndian, [RLELossless, ExplicitVRLittleEndian], 3),
        (ExplicitVRLittleEndian, [ExplicitVRBigEndian, ImplicitVRLittleEndian], 3),
        (ExplicitVRLittleEndian, [DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian], 1),
        (ExplicitVRBigEndian, [ImplicitVRLittleEndian, ExplicitVRBigEndian], 3),
        (RLELossless, [ImplicitVRLittleEndian, RLELossless], 3),
    ],
)
def test_the_own_syntax_comes_first_and_then_what_it_can_be_changed_to(
    perform: Perform, own: UID, syntaxes: list[UID], chosen: int
) -> None:
    exchange = offered(*syntaxes)

    perform(send_c_store(exchange, ct_image(own)))

    assert [said.context_id for said in exchange.said] == [chosen]


@pytest.mark.parametrize(
    ("own", "syntaxes"),
    [
        (RLELossless, [ImplicitVRLittleEndian]),
        (ImplicitVRLittleEndian, [RLELossless]),
        (ImplicitVRLittleEndian, [ExplicitVRBigEndian]),
        (ExplicitVRBigEndian, [ExplicitVRLittleEndian]),
        (UID("1.2.3.4.5"), [ImplicitVRLittleEndian]),
        (ImplicitVRLittleEndian, []),
    ],
)
def test_without_a_context_for_its_syntax_an_instance_is_not_sent(
    perform: Perform, own: UID, syntaxes: list[UID]
) -> None:
    exchange = offered(*syntaxes)

    with pytest.raises(ValueError, match="No presentation context for 'CT Image Storage'"):
        perform(send_c_store(exchange, ct_image(own)))

    assert exchange.said == []


def test_a_context_in_which_we_are_scu_is_needed(perform: Perform) -> None:
    exchange = offered(ImplicitVRLittleEndian, roles="scp")

    with pytest.raises(ValueError, match="with the SCU role for us"):
        perform(send_c_store(exchange, ct_image()))


def test_the_context_must_be_for_the_instances_class(perform: Perform) -> None:
    exchange = talk(MRImageStorage, Verification)

    with pytest.raises(ValueError, match="'CT Image Storage'"):
        perform(send_c_store(exchange, image()))


# What instances must have.


@pytest.mark.parametrize("keyword", ["SOPClassUID", "SOPInstanceUID"])
@pytest.mark.parametrize("value", [None, ""])
def test_an_instance_must_say_what_it_is(perform: Perform, keyword: str, value: str | None) -> None:
    dataset = image()
    setattr(dataset, keyword, value)

    with pytest.raises(AttributeError, match=keyword):
        perform(send_c_store(talk(CTImageStorage), dataset))


def test_an_empty_data_set_is_no_instance(perform: Perform) -> None:
    with pytest.raises(AttributeError, match="SOPClassUID"):
        perform(send_c_store(talk(CTImageStorage), Dataset()))


def test_an_instance_must_have_file_meta_information(perform: Perform) -> None:
    dataset = image()
    del dataset.file_meta

    with pytest.raises(AttributeError, match="TransferSyntaxUID"):
        perform(send_c_store(talk(CTImageStorage), dataset))


def test_file_meta_information_must_say_the_syntax(perform: Perform) -> None:
    dataset = image()
    del dataset.file_meta.TransferSyntaxUID

    with pytest.raises(AttributeError, match="TransferSyntaxUID"):
        perform(send_c_store(talk(CTImageStorage), dataset))


@pytest.mark.parametrize("actual", [ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_what_a_data_set_is_encoded_in_wins_over_what_it_says(
    perform: Perform, actual: UID, caplog: pytest.LogCaptureFixture
) -> None:
    exchange = offered(ExplicitVRLittleEndian, actual)

    perform(send_c_store(exchange, read_back(actual, says=ExplicitVRLittleEndian)))

    assert [said.context_id for said in exchange.said] == [3]
    assert f"encoded as '{actual.name}'" in caplog.text


def test_an_explicit_data_set_that_says_it_is_implicit_is_refused(perform: Perform) -> None:
    exchange = offered(ExplicitVRLittleEndian, ImplicitVRLittleEndian)
    dataset = read_back(ExplicitVRLittleEndian, says=ImplicitVRLittleEndian)

    with pytest.raises(AttributeError, match="does not match its transfer syntax"):
        perform(send_c_store(exchange, dataset))


def test_a_data_set_that_cannot_be_encoded_is_refused(perform: Perform) -> None:
    exchange, dataset = talk(CTImageStorage), image()
    dataset.Rows = 1
    dataset["Rows"]._value = "many"

    with pytest.raises(ValueError, match="cannot be encoded"):
        perform(send_c_store(exchange, dataset))

    assert exchange.said == []


# Files.


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "instance.dcm"
    ct_image(ExplicitVRLittleEndian).save_as(file, enforce_file_format=True)
    return file


def test_the_bytes_of_a_file_go_out_as_they_are(perform: Perform, path: Path) -> None:
    exchange = offered(ImplicitVRLittleEndian, ExplicitVRLittleEndian)

    status = perform(send_c_store(exchange, path))

    (said,) = exchange.said
    assert (said.context_id, status.Status) == (3, 0x0000)
    assert said.data
    assert path.read_bytes().endswith(said.data)
    assert said.message.AffectedSOPClassUID == CTImageStorage
    assert said.message.AffectedSOPInstanceUID == "1.2.3.4"


def test_a_file_is_changed_to_what_was_accepted(perform: Perform, path: Path) -> None:
    exchange = offered(ImplicitVRLittleEndian)

    perform(send_c_store(exchange, str(path)))

    (said,) = exchange.said
    assert said.data_set == image()


@pytest.mark.parametrize("size", [10, 100_000, 20_000_000])
def test_what_comes_before_the_pixels_may_be_long(perform: Perform, path: Path, size: int) -> None:
    dataset = ct_image(ExplicitVRLittleEndian)
    dataset.add_new("RedPaletteColorLookupTableData", "OW", bytes(size))
    dataset.add_new("TextValue", "UT", "behind it")
    dataset.save_as(path, enforce_file_format=True)
    exchange = offered(ImplicitVRLittleEndian)

    perform(send_c_store(exchange, path))

    (said,) = exchange.said
    sent = said.data_set
    assert sent is not None
    assert len(sent.RedPaletteColorLookupTableData) == size
    assert sent.TextValue == "behind it"


def test_a_file_that_may_not_be_changed_needs_its_context(
    perform: Perform, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_config, "STORE_SEND_CHUNKED_DATASET", True)

    with pytest.raises(ValueError, match="'Explicit VR Little Endian'"):
        perform(send_c_store(offered(ImplicitVRLittleEndian), path))


def test_a_file_that_is_not_dicom_is_refused(perform: Perform, tmp_path: Path) -> None:
    nonsense = tmp_path / "nonsense"
    nonsense.write_bytes(bytes(1000))

    with pytest.raises(InvalidDicomError):
        perform(send_c_store(talk(CTImageStorage), nonsense))


def test_a_file_that_is_missing_is_refused(perform: Perform, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        perform(send_c_store(talk(CTImageStorage), tmp_path / "missing"))


def deflated_files() -> Iterator[bytes]:
    """Yield deflated files without the padding that pydicom writes."""
    for length in range(1, 64):
        dataset = ct_image(DeflatedExplicitVRLittleEndian)
        dataset.PatientName = "X" * length
        file = BytesIO()
        dataset.save_as(file, enforce_file_format=True)
        yield file.getvalue().removesuffix(b"\0")


def test_a_deflated_file_of_odd_length_is_padded(perform: Perform, path: Path) -> None:
    deflated = next(file for file in deflated_files() if len(file) % 2)
    path.write_bytes(deflated)
    exchange = offered(DeflatedExplicitVRLittleEndian)

    perform(send_c_store(exchange, path))

    (said,) = exchange.said
    assert said.data is not None
    assert len(said.data) % 2 == 0
    assert deflated.endswith(said.data[:-1])


# As provider.


def served(
    perform: Perform,
    handler: Any = None,
    *,
    roles: str = "both",
    without: str | None = None,
    **attributes: Any,
) -> C_STORE:
    """Return our response to a request."""
    exchange = ScriptedExchange(accepted(CTImageStorage, roles=roles))
    if handler:
        exchange.handlers[evt.EVT_C_STORE] = handler
    request = build(
        C_STORE,
        MessageID=7,
        AffectedSOPClassUID=CTImageStorage,
        AffectedSOPInstanceUID="1.2.3.4",
        DataSet=BytesIO(dsutils.encode(image(), True, True) or b""),
    )
    vars(request).update(attributes, _context_id=1)
    vars(request).pop(without or "", None)
    perform(serve(exchange, request))
    (response,) = exchange.messages
    assert isinstance(response, C_STORE)
    return response


def test_the_response_repeats_what_was_stored(perform: Perform) -> None:
    response = served(perform, lambda event: 0x0000)

    assert response == build(
        C_STORE,
        MessageIDBeingRespondedTo=7,
        Status=0x0000,
        AffectedSOPClassUID=CTImageStorage,
        AffectedSOPInstanceUID="1.2.3.4",
    )


@pytest.mark.parametrize("status", [0x0000, 0xB000, 0xB006, 0xB007, 0xA700, 0xA9FF, 0xC123, 0x0117])
def test_the_handler_decides_the_status(
    perform: Perform, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    assert served(perform, lambda event: status).Status == status
    assert "Unknown status" not in caplog.text


def test_a_status_the_service_does_not_know_is_sent_with_a_warning(
    perform: Perform, caplog: pytest.LogCaptureFixture
) -> None:
    assert served(perform, lambda event: 0x1234).Status == 0x1234
    assert "Unknown status value returned by callback - 0x1234" in caplog.text


@pytest.mark.parametrize("returned", [None, "0000", -1, 0x10000, 1.5, [0]])
def test_what_is_no_status_becomes_c002(perform: Perform, returned: Any) -> None:
    assert served(perform, lambda event: returned).Status == 0xC002


def test_a_status_data_set_without_status_becomes_c001(
    perform: Perform, caplog: pytest.LogCaptureFixture
) -> None:
    assert served(perform, lambda event: Dataset()).Status == 0xC001
    assert "without a Status element" in caplog.text


def test_the_handler_may_say_more_about_the_status(perform: Perform) -> None:
    status = Dataset()
    status.Status, status.ErrorComment, status.OffendingElement = 0xA900, "odd", [0x00100010]

    response = served(perform, lambda event: status)

    assert (response.Status, response.ErrorComment) == (0xA900, "odd")
    assert response.OffendingElement == [0x00100010]


def test_what_a_status_cannot_hold_is_left_out(
    perform: Perform, caplog: pytest.LogCaptureFixture
) -> None:
    status = Dataset()
    status.Status, status.PatientName = 0xA900, "Nobody"

    response = served(perform, lambda event: status)

    assert response.Status == 0xA900
    assert "cannot hold 'Patient's Name'" in caplog.text


def test_a_bad_detail_of_a_status_is_left_out(
    perform: Perform, caplog: pytest.LogCaptureFixture
) -> None:
    status = Dataset()
    status.Status = 0xA900
    status.add_new("OffendingElement", "UI", "1.2.3")

    response = served(perform, lambda event: status)

    assert (response.Status, response.OffendingElement) == (0xA900, None)
    assert "The status holds a bad" in caplog.text


def test_a_handler_that_fails_makes_c211(
    perform: Perform, caplog: pytest.LogCaptureFixture
) -> None:
    assert served(perform, raises).Status == 0xC211
    assert "not today" in caplog.text


def test_without_a_handler_it_is_c211(perform: Perform) -> None:
    assert served(perform).Status == 0xC211


def test_where_we_are_not_scp_nothing_is_stored(perform: Perform) -> None:
    asked: list[Any] = []

    response = served(perform, asked.append, roles="scu")

    assert (response.Status, asked) == (0x0122, [])


def test_what_could_not_be_kept_is_not_handled(
    perform: Perform, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[Any] = []

    response = served(perform, asked.append, _sink_error=OSError(28, "No space left on device"))

    assert (response.Status, asked) == (0xA700, [])
    assert "No space left" in caplog.text


@pytest.mark.parametrize("handler", [raises, lambda event: 0x0000, None])
def test_the_file_of_a_request_is_removed(perform: Perform, path: Path, handler: Any) -> None:
    served(perform, handler, _dataset_path=path)

    assert not path.exists()


@pytest.mark.parametrize("missing", ["AffectedSOPInstanceUID", "DataSet"])
def test_a_request_that_lacks_something_is_answered_so(
    perform: Perform, missing: str, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[Any] = []

    response = served(perform, asked.append, without=missing)

    assert (response.Status, asked) == (0x0120, [])
    assert f"lacks {missing}" in caplog.text
