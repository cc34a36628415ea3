"""AE titles, UIDs and text: what is taken, what is refused, and what the switches change."""

import contextvars
from io import BytesIO
from typing import Any

import pytest
from pydicom.uid import UID

from pynetdicom import _config
from pynetdicom._validators import validate_ae, validate_ui
from pynetdicom.utils import (
    decode_bytes,
    escaped,
    make_target,
    pretty_bytes,
    set_ae,
    set_timer_resolution,
    set_uid,
    validate_uid,
)

# AE titles.

GOOD_TITLES = [
    "A",
    "PACS",
    "  PACS ",
    "SIXTEEN_LETTERS_",
    "a!\"#$%&'()*+,-./",
    "",
    ":;<=>?@[]^_`{|}~",
]
BAD_TITLES = {
    "SEVENTEEN_LETTERS": "16 characters",
    "PACS\\1": "backslash",
    "PACS\n": "control",
    "PACS\0": "control",
    "\x7f": "control",
    "PÄCS": "ASCII",
    "   ": "only of spaces",
}


@pytest.mark.parametrize("title", GOOD_TITLES)
def test_a_title_is_taken_as_it_is(title: str) -> None:
    assert validate_ae(title) == (True, "")
    assert set_ae(title, "title") == title


@pytest.mark.parametrize("title", GOOD_TITLES)
def test_a_title_of_bytes_is_taken_with_a_warning(title: str) -> None:
    with pytest.warns(DeprecationWarning, match="'title' is given as bytes") as warned:
        assert set_ae(title.encode(), "title") == title
    assert warned[0].filename == __file__


@pytest.mark.parametrize("title", BAD_TITLES)
def test_a_bad_title_is_refused_with_the_reason(title: str) -> None:
    is_valid, why = validate_ae(title)

    assert not is_valid
    assert BAD_TITLES[title] in why
    with pytest.raises(ValueError, match=f"'title'.*{BAD_TITLES[title]}"):
        set_ae(title, "title")


@pytest.mark.parametrize("title", [1, 1.5, ["A"], UID])
def test_a_title_is_text(title: Any) -> None:
    assert not validate_ae(title)[0]
    with pytest.raises(TypeError, match="'title' must be str"):
        set_ae(title, "title")


def test_whether_a_title_may_be_missing_is_said() -> None:
    assert set_ae(None, "title") is None
    assert set_ae("", "title") == ""
    with pytest.raises(TypeError, match="NoneType"):
        set_ae(None, "title", allow_none=False)
    with pytest.raises(ValueError, match="empty"):
        set_ae("", "title", allow_empty=False)


def test_a_title_of_unreadable_bytes_is_refused() -> None:
    with (
        pytest.warns(DeprecationWarning, match="bytes"),
        pytest.raises(ValueError, match="ascii"),
    ):
        set_ae(b"P\xc4CS", "title")


def test_users_may_check_titles_in_their_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_config.VALIDATORS, "AE", lambda value: (len(value) < 40, "too long"))

    assert set_ae("A title of far more than sixteen", "title") is not None
    with pytest.raises(ValueError, match="too long"):
        set_ae("?" * 40, "title")


# UIDs.

GOOD_UIDS = ["0", "1", "1.2.3", "1.0.3", "2.25.329800735698586629295641978511506172918", "1" * 64]
LAX_UIDS = ["1.02", "1..2", ".1", "1.", "a.b", "1.2 3"]
BAD_UIDS = ["1" * 65, "1." * 40]


@pytest.mark.parametrize("uid", GOOD_UIDS)
@pytest.mark.parametrize("is_strict", [True, False])
def test_a_uid_is_taken_however_strict(
    uid: str, is_strict: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_config, "ENFORCE_UID_CONFORMANCE", is_strict)

    assert validate_ui(uid) == (True, "")
    assert validate_uid(uid)
    assert set_uid(uid, "uid") == uid


@pytest.mark.parametrize("uid", LAX_UIDS)
def test_a_uid_that_is_nearly_one_is_taken_unless_strict(
    uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert validate_uid(uid)
    assert set_uid(uid, "uid") == uid

    monkeypatch.setattr(_config, "ENFORCE_UID_CONFORMANCE", True)

    assert not validate_uid(uid)
    assert "components" in validate_ui(uid)[1]
    with pytest.raises(ValueError, match="'uid'"):
        set_uid(uid, "uid")


@pytest.mark.parametrize("uid", BAD_UIDS)
def test_a_uid_has_at_most_64_characters(uid: str) -> None:
    assert not validate_uid(uid)
    assert "64" in validate_ui(uid)[1]
    with pytest.raises(ValueError, match="'uid'"):
        set_uid(uid, "uid")
    assert set_uid(uid, "uid", validate=False) == uid


@pytest.mark.parametrize("value", ["1.2", b"1.2", UID("1.2"), "1.2\0", " 1.2 ", b"1.2\0"])
def test_a_uid_may_be_text_or_bytes_and_padded(value: Any) -> None:
    uid = set_uid(value, "uid")

    assert isinstance(uid, UID)
    assert uid == "1.2"


@pytest.mark.parametrize("value", [1, 1.2, ["1.2"]])
def test_a_uid_is_text(value: Any) -> None:
    assert not validate_ui(value)[0]
    with pytest.raises(TypeError, match="'uid' must be str, bytes or UID"):
        set_uid(value, "uid")


def test_whether_a_uid_may_be_missing_is_said() -> None:
    assert set_uid(None, "uid") is None
    assert set_uid("", "uid") == ""
    with pytest.raises(TypeError, match="NoneType"):
        set_uid(None, "uid", allow_none=False)
    with pytest.raises(ValueError, match="empty"):
        set_uid("", "uid", allow_empty=False)


def test_an_empty_uid_is_no_mistake() -> None:
    assert validate_ui("") == (True, "")


def test_users_may_check_uids_in_their_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_config, "ENFORCE_UID_CONFORMANCE", True)
    monkeypatch.setitem(_config.VALIDATORS, "UI", lambda value: (value == "anything", ""))

    assert set_uid("anything", "uid") == "anything"
    with pytest.raises(ValueError, match="'uid'"):
        set_uid("1.2.3", "uid")


# Text.


def test_text_is_read_by_the_first_codec_that_can(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="ascii"):
        decode_bytes(b"\xe4")

    monkeypatch.setattr(_config, "CODECS", ("ascii", "utf-8", "latin-1"))

    assert decode_bytes(b"a") == "a"
    assert decode_bytes(b"\xc3\xa4") == "ä"
    assert decode_bytes(b"\xe4") == "ä"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("PACS 1", "PACS 1"),
        ("PÄCS", "PÄCS"),
        ("", ""),
        ("a\nb", "a\\nb"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\u202eb", "a\\u202eb"),
        ("\x85", "\\x85"),
    ],
)
def test_what_a_peer_wrote_stays_on_its_line(text: str, shown: str) -> None:
    assert escaped(text) == shown


def test_bytes_are_shown_in_lines() -> None:
    assert pretty_bytes(b"\x00\x01\xff") == ["  00  01  ff"]
    assert pretty_bytes(b"") == []
    assert pretty_bytes(BytesIO(b"\x00\x01\xff"), "> ", " ", 2, suffix=" <") == [
        "> 00 01 <",
        "> ff <",
    ]


def test_only_the_first_bytes_are_shown_and_that_is_said() -> None:
    assert pretty_bytes(bytes(5), "", "", 2, max_size=4) == [
        "Only dumping 4 bytes.",
        "0000",
        "0000",
    ]
    assert pretty_bytes(bytes(4), "", "", 4, max_size=4) == ["00000000"]
    assert pretty_bytes(bytes(5), "", "", 2, max_size=3) == ["Only dumping 3 bytes.", "0000"]
    assert pretty_bytes(bytes(600), max_size=None)[0].startswith("  00")


# Threads.

VARIABLE: contextvars.ContextVar[str] = contextvars.ContextVar("VARIABLE", default="unset")


def test_a_thread_sees_the_creators_context_if_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_config, "PASS_CONTEXTVARS", True)
    context = contextvars.copy_context()
    context.run(VARIABLE.set, "creator")

    target = context.run(make_target, lambda greeting: f"{greeting} {VARIABLE.get()}")

    assert target("hello") == "hello creator"
    assert target(greeting="bye") == "bye creator"


def test_a_thread_has_its_own_context_by_default() -> None:
    def function() -> None:
        raise NotImplementedError

    assert make_target(function) is function


def test_the_timer_resolution_is_nobodys_business() -> None:
    with set_timer_resolution(1) as nothing:
        assert nothing is None
