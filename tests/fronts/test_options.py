"""Two nodes in one process: each has its own way where an option of its AE says so."""

import logging
import tempfile
from pathlib import Path
from typing import Any

import pytest
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from fronts.instances import ct_image
from fronts.services import FIND, patient, responses
from fronts.stage import Front, Handlers
from pynetdicom import AE, Association, _config, build_context, evt

PRIVATE = UID("1.2.826.0.1.3680043.9.9999.7")

OPTIONS = {
    "unrestricted_storage": True,
    "receive_into_files": True,
    "send_files_unchanged": True,
    "maximum_data_set_length": 4096,
    "log_handler_level": "none",
    "log_request_identifiers": False,
    "log_response_identifiers": False,
}


class Shelf:
    """A provider that notes whether it was given a file, and how large a data set becomes."""

    def __init__(self) -> None:
        self.is_file: list[bool] = []
        self.faults: list[str] = []

    def handle(self, event: evt.Event) -> int:
        try:
            self.is_file.append(event.dataset_path.exists())
        except TypeError:
            self.is_file.append(False)
        try:
            event.dataset.items()
        except ValueError as fault:
            self.faults.append(str(fault))
        return 0x0000

    @property
    def handlers(self) -> Handlers:
        return [(evt.EVT_C_STORE, self.handle)]


def associate(front: Front, provider: AE, handlers: Handlers, *syntaxes: str) -> Association:
    """Return an association that proposes CT images with these transfer syntaxes."""
    server = front.serve(provider, handlers)
    proposed = [build_context(ct_image().SOPClassUID, syntax) for syntax in syntaxes]
    return front.associate(front.ae(), server.server_address, contexts=proposed)


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_is_left_to_the_switch_until_it_is_set(front: Front, option: str) -> None:
    ae = front.ae()

    assert getattr(ae, option) is None
    setattr(ae, option, OPTIONS[option])
    assert getattr(ae, option) == OPTIONS[option]
    assert getattr(front.ae(), option) is None
    setattr(ae, option, None)
    assert getattr(ae, option) is None


@pytest.mark.parametrize(
    ("option", "value", "what"),
    [
        ("unrestricted_storage", "yes", "False, True or None, not 'yes'"),
        ("maximum_data_set_length", 0, "a number from 1 or None, not 0"),
        ("maximum_data_set_length", "1 GB", "a number from 1 or None, not '1 GB'"),
        ("log_handler_level", "quiet", "'standard', 'none' or None, not 'quiet'"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(
    front: Front, option: str, value: Any, what: str
) -> None:
    ae = front.ae()

    with pytest.raises(ValueError, match=f"'{option}' must be {what}"):
        setattr(ae, option, value)

    assert getattr(ae, option) is None


@pytest.mark.parametrize("is_everything", [True, False])
def test_one_node_stores_everything_and_the_other_does_not(
    front: Front, monkeypatch: pytest.MonkeyPatch, is_everything: bool
) -> None:
    monkeypatch.setattr(_config, "UNRESTRICTED_STORAGE_SERVICE", not is_everything)
    shelf, provider, image = Shelf(), front.ae(), ct_image(ImplicitVRLittleEndian)
    provider.unrestricted_storage = is_everything
    image.SOPClassUID = image.file_meta.MediaStorageSOPClassUID = PRIVATE
    server = front.serve(provider, shelf.handlers)
    proposed = [build_context(PRIVATE, ImplicitVRLittleEndian)]

    assoc = front.associate(front.ae(), server.server_address, contexts=proposed)

    assert assoc.is_established is is_everything
    if is_everything:
        assert assoc.send_c_store(image).Status == 0x0000
    assert len(shelf.is_file) == int(is_everything)


def test_a_node_that_stores_everything_needs_no_context(front: Front) -> None:
    ae = front.ae()
    ae.supported_contexts = []
    ae.unrestricted_storage = True

    assert front.associate(front.ae(), front.serve(ae).server_address).is_established


@pytest.mark.parametrize("is_file", [True, False])
def test_one_node_receives_into_files_and_the_other_does_not(
    front: Front, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_file: bool
) -> None:
    monkeypatch.setattr(_config, "STORE_RECV_CHUNKED_DATASET", not is_file)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    shelf, provider = Shelf(), front.ae()
    provider.receive_into_files = is_file

    assoc = associate(front, provider, shelf.handlers, ImplicitVRLittleEndian)

    assert assoc.send_c_store(ct_image()).Status == 0x0000
    assert shelf.is_file == [is_file]


@pytest.mark.parametrize("is_exact", [True, False])
def test_one_node_converts_files_and_the_other_does_not(
    front: Front, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_exact: bool
) -> None:
    monkeypatch.setattr(_config, "STORE_SEND_CHUNKED_DATASET", not is_exact)
    ct_image(ExplicitVRLittleEndian).save_as(tmp_path / "ct.dcm", enforce_file_format=True)
    shelf = Shelf()
    assoc = associate(front, front.ae(), shelf.handlers, ImplicitVRLittleEndian)
    assoc.ae.send_files_unchanged = is_exact

    if is_exact:
        with pytest.raises(ValueError, match="Explicit VR Little Endian"):
            assoc.send_c_store(tmp_path / "ct.dcm")
    else:
        assert assoc.send_c_store(tmp_path / "ct.dcm").Status == 0x0000

    assert len(shelf.is_file) == int(not is_exact)


def test_one_node_takes_less_than_the_other(front: Front) -> None:
    shelf, provider = Shelf(), front.ae()
    provider.maximum_data_set_length = 4096

    assoc = associate(front, provider, shelf.handlers, ImplicitVRLittleEndian)

    assert assoc.send_c_store(ct_image(size=100)).Status == 0x0000
    assert "Status" not in assoc.send_c_store(ct_image(size=5000))
    assert len(shelf.is_file) == 1


def test_what_is_deflated_may_not_become_more(front: Front) -> None:
    shelf, provider = Shelf(), front.ae()
    provider.maximum_data_set_length = 4096

    assoc = associate(front, provider, shelf.handlers, DeflatedExplicitVRLittleEndian)
    assoc.send_c_store(ct_image(size=1_000_000))

    assert shelf.faults == ["The deflated data set has more than 4096 bytes"]


@pytest.mark.parametrize("level", ["none", "standard"])
def test_one_node_logs_its_messages_and_the_other_does_not(
    front: Front, monkeypatch: pytest.MonkeyPatch, level: str
) -> None:
    monkeypatch.setattr(
        _config, "LOG_HANDLER_LEVEL", {"none": "standard", "standard": "none"}[level]
    )
    user, server = front.ae(), front.serve(front.ae())
    user.log_handler_level = level

    assoc = front.associate(user, server.server_address)

    bound = [event for event in assoc.get_events() if event.is_notification]
    assert bool(bound) is (level == "standard")


@pytest.mark.parametrize("is_request", [True, False])
def test_one_node_keeps_patients_out_of_the_log_and_the_other_does_not(
    front: Front, caplog: pytest.LogCaptureFixture, is_request: bool
) -> None:
    caplog.set_level(logging.DEBUG, logger="pynetdicom")

    def find(event: evt.Event) -> Any:
        yield 0xFF00, patient("Answer^A")

    provider, user = front.ae(), front.ae()
    provider.log_request_identifiers = provider.log_response_identifiers = False
    user.log_request_identifiers, user.log_response_identifiers = is_request, not is_request
    provider.add_supported_context(FIND)
    server = front.serve(provider, [(evt.EVT_C_FIND, find)])
    assoc = front.associate(user, server.server_address, contexts=[build_context(FIND)])

    list(responses(front, assoc.send_c_find(patient("Question^Q"), FIND)))

    assert ("Question^Q" in caplog.text, "Answer^A" in caplog.text) == (is_request, not is_request)
