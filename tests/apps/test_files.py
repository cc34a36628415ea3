"""Received objects become files: safe names, whole files, nothing left behind."""

import errno
import os
import re
import threading
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.uid import UID, ExplicitVRLittleEndian

from apps.stage import files_in
from pynetdicom import _files, dsutils, sop_class
from pynetdicom._files import file_head, file_name, folder_name, write_file

CT = sop_class.CTImageStorage

# What a peer may send: any text, and such as is made of the characters that make paths and UIDs.
uids = st.text(min_size=1) | st.text("./\\0123456789:-_ \0", min_size=1, max_size=200)
named = uids.filter(lambda uid: uid.strip("\0 ") != "")

# Whatever precedes the first dot is a device on Windows, even with an extension.
DEVICES = {"CON", "PRN", "AUX", "NUL"} | {
    f"{name}{n}" for name in ("COM", "LPT") for n in range(10)
}


def test_a_name_tells_the_kind_and_the_instance() -> None:
    assert file_name(CT, "1.2.3") == "CT.1.2.3"


@pytest.mark.parametrize(
    ("keyword", "prefix"),
    [
        ("CTImageStorage", "CT"),
        ("EnhancedCTImageStorage", "CTE"),
        ("MRImageStorage", "MR"),
        ("EnhancedMRImageStorage", "MRE"),
        ("PositronEmissionTomographyImageStorage", "PT"),
        ("EnhancedPETImageStorage", "PTE"),
        ("RTImageStorage", "RI"),
        ("RTDoseStorage", "RD"),
        ("RTPlanStorage", "RP"),
        ("RTStructureSetStorage", "RS"),
        ("ComputedRadiographyImageStorage", "CR"),
        ("UltrasoundImageStorage", "US"),
        ("EnhancedUSVolumeStorage", "USE"),
        ("XRayAngiographicImageStorage", "XA"),
        ("EnhancedXAImageStorage", "XAE"),
        ("NuclearMedicineImageStorage", "NM"),
        ("SecondaryCaptureImageStorage", "SC"),
        ("EncapsulatedPDFStorage", "UN"),
    ],
)
def test_each_documented_kind_has_its_prefix(keyword: str, prefix: str) -> None:
    assert file_name(getattr(sop_class, keyword), "1.2") == f"{prefix}.1.2"


def test_what_no_uid_has_becomes_an_underscore() -> None:
    assert file_name(CT, "../../etc/passwd") == "CT..._..___________"


def test_padding_is_no_part_of_a_uid() -> None:
    assert file_name(CT, "1.2.3\0") == "CT.1.2.3"


def test_digits_of_other_scripts_are_no_digits() -> None:
    assert file_name(CT, "1.٢.3") == "CT.1._.3"


def test_a_dot_at_the_end_would_be_lost_on_windows() -> None:
    assert file_name(CT, "1.2.") == "CT.1.2_"


@pytest.mark.parametrize("uid", ["", "\0", " \0 "])
def test_without_an_instance_uid_there_is_no_name(uid: str) -> None:
    with pytest.raises(ValueError, match="SOP instance UID"):
        file_name(CT, uid)


def test_objects_that_differ_behind_64_characters_have_different_names() -> None:
    assert file_name(CT, "1." * 50 + "1") != file_name(CT, "1." * 50 + "2")


@pytest.mark.slow
@given(sop_class_uid=st.text(), uid=named)
def test_a_name_is_one_harmless_component_whatever_the_uids(sop_class_uid: str, uid: str) -> None:
    name = file_name(sop_class_uid, uid)

    assert re.fullmatch(r"[A-Z]{2,3}\.[0-9._]{0,63}[0-9_]", name, re.ASCII)
    assert PurePosixPath(name).parts == PureWindowsPath(name).parts == (name,)
    assert name.partition(".")[0] not in DEVICES


@pytest.mark.parametrize("value", ["1CT1", "AV-1", "a.b_c", "1.2.840.10008.1", "0"])
def test_a_harmless_value_names_its_folder(value: str) -> None:
    assert folder_name(value) == value


@pytest.mark.parametrize("value", ["", " ", "\0"])
def test_an_empty_value_has_a_folder(value: str) -> None:
    assert folder_name(value) == "_"


@pytest.mark.parametrize(
    "value",
    ["..", ".", "_", "a/b", "a\\b", "A B", ".git", "end.", "nul", "COM1.txt", "Ä", "x" * 65],
)
def test_another_value_has_a_folder_of_its_own(value: str) -> None:
    name = folder_name(value)

    assert re.fullmatch(r"[0-9A-Za-z_-]{0,31}_[0-9]{32}", name, re.ASCII)
    assert folder_name(name) != name


@pytest.mark.slow
@given(value=st.text() | uids | st.from_regex(r"\A[A-Z]{3}[0-9]?(\.[a-z]*)?\Z", fullmatch=True))
def test_a_folder_is_one_harmless_component_whatever_the_value(value: str) -> None:
    name = folder_name(value)

    assert PurePosixPath(name).parts == PureWindowsPath(name).parts == (name,)
    assert re.fullmatch(r"[0-9A-Za-z_.-]{1,64}", name, re.ASCII)
    assert name[0] != "."
    assert name[-1] != "."
    assert name.partition(".")[0].upper() not in DEVICES


@given(values=st.sets(st.text("ab/.\\ _\0Ä"), min_size=2, max_size=5))
def test_values_that_differ_have_folders_that_differ(values: set[str]) -> None:
    different = {value.strip("\0 ") for value in values}

    assert len({folder_name(value) for value in values}) == len(different)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=6))
def test_a_valid_uid_is_in_the_name_as_it_is(components: list[int]) -> None:
    uid = ".".join(map(str, components))

    assert file_name(CT, uid) == f"CT.{uid}"


@given(st.from_regex(r"[0-2](\.(0|[1-9][0-9]{0,8})){1,5}", fullmatch=True))
def test_a_head_is_what_pydicom_writes(uid: str) -> None:
    meta = dsutils.create_file_meta(
        sop_class_uid=CT, sop_instance_uid=UID(uid), transfer_syntax=ExplicitVRLittleEndian
    )

    assert file_head(CT, uid, ExplicitVRLittleEndian) == dsutils.encode_preamble(meta)


@given(st.text(), st.text(), st.text())
def test_a_head_is_made_of_anything(sop_class: str, instance: str, syntax: str) -> None:
    assert file_head(sop_class, instance, syntax).startswith(bytes(128) + b"DICM")


def test_a_file_has_all_its_parts(tmp_path: Path) -> None:
    head = file_head(CT, "1.2.3", ExplicitVRLittleEndian)
    patient = b"\x10\0\x10\0PN\x04\0A^B "

    write_file(tmp_path, "CT.1.2.3", [head, memoryview(patient), bytearray()])

    dataset = dcmread(tmp_path / "CT.1.2.3")
    assert (dataset.PatientName, dataset.file_meta.MediaStorageSOPInstanceUID) == ("A^B", "1.2.3")
    assert files_in(tmp_path) == ["CT.1.2.3"]


def test_a_file_that_is_there_is_replaced(tmp_path: Path) -> None:
    write_file(tmp_path, "CT.1", [b"a longer first one"])
    write_file(tmp_path, "CT.1", [b"the second"])

    assert (tmp_path / "CT.1").read_bytes() == b"the second"


def test_a_leftover_of_another_process_is_in_nobodys_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(os, "replace", crash)
        broken.setattr(os, "unlink", lambda path: None)
        with pytest.raises(SystemExit):
            write_file(tmp_path, "CT.1", [b"one"])
    (leftover,) = files_in(tmp_path)

    monkeypatch.setattr(_files, "_PROCESS", "another")
    write_file(tmp_path, "CT.1", [b"two"])

    assert files_in(tmp_path) == [leftover, "CT.1"]
    assert leftover.startswith(".")


def test_what_is_written_in_bits_arrives_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "writev", lambda descriptor, views: write(descriptor, views[0][:2]))
    monkeypatch.setattr(os, "write", lambda descriptor, view: write(descriptor, view[:3]))

    write_file(tmp_path, "CT.1", [b"head", b"and the data set"])

    assert (tmp_path / "CT.1").read_bytes() == b"headand the data set"


def test_systems_without_gathered_writes_write_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "writev")

    write_file(tmp_path, "CT.1", [b"head", b"data"])

    assert (tmp_path / "CT.1").read_bytes() == b"headdata"


@pytest.mark.parametrize("call", ["writev", "close", "replace", "fsync"])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
def test_whatever_fails_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, error: BaseException
) -> None:
    write_file(tmp_path, "CT.1", [b"the first"])
    close = os.close

    def fail(*arguments: int) -> None:
        if call == "close":
            close(*arguments)
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(os, call, fail)
        with pytest.raises(type(error)):
            write_file(tmp_path, "CT.1", [b"the second"], sync=True)

    assert files_in(tmp_path) == ["CT.1"]
    assert (tmp_path / "CT.1").read_bytes() == b"the first"


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_file(tmp_path / "gone", "CT.1", [b"data"])


def test_a_synced_file_is_on_the_disk_before_its_name_and_the_name_before_the_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = []
    fsync, replace = os.fsync, os.replace

    def note_fsync(descriptor: int) -> None:
        kind = "folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "file"
        steps.append(kind)
        fsync(descriptor)

    def note_replace(source: str, target: str) -> None:
        steps.append("rename")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "replace", note_replace)
    write_file(tmp_path, "CT.1", [b"data"], sync=True)

    assert steps == ["file", "rename", "folder"]


def test_nothing_is_synced_unless_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fsync")

    write_file(tmp_path, "CT.1", [b"data"])

    assert files_in(tmp_path) == ["CT.1"]


@pytest.mark.slow
def test_many_writers_of_one_name_leave_one_whole_file(tmp_path: Path) -> None:
    contents = [bytes([number]) * 300_000 for number in range(8)]
    threads = [
        threading.Thread(target=write_file, args=(tmp_path, "CT.1", [content[:10], content[10:]]))
        for content in contents
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert files_in(tmp_path) == ["CT.1"]
    assert (tmp_path / "CT.1").read_bytes() in contents
