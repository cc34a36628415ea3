"""What application entities know of themselves: names, timeouts, limits, contexts."""

from typing import Any

import pytest
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from pynetdicom import (
    AE,
    DEFAULT_TRANSFER_SYNTAXES,
    PYNETDICOM_IMPLEMENTATION_UID,
    PYNETDICOM_IMPLEMENTATION_VERSION,
    StoragePresentationContexts,
    asyncio,
    build_context,
)
from pynetdicom._entity import BaseEntity
from pynetdicom.presentation import PresentationContext
from pynetdicom.sop_class import CTImageStorage, MRImageStorage, Verification


@pytest.fixture(params=[AE, asyncio.AE], ids=["blocking", "asyncio"])
def ae(request: pytest.FixtureRequest) -> BaseEntity:
    entity: BaseEntity = request.param()
    return entity


def test_the_defaults_are_the_documented_ones(ae: BaseEntity) -> None:
    assert ae.ae_title == "PYNETDICOM"
    assert (ae.acse_timeout, ae.dimse_timeout) == (30, 30)
    assert (ae.network_timeout, ae.connection_timeout) == (60, None)
    assert (ae.maximum_associations, ae.maximum_pdu_size) == (10, 16382)
    assert ae.implementation_class_uid == PYNETDICOM_IMPLEMENTATION_UID
    assert ae.implementation_version_name == PYNETDICOM_IMPLEMENTATION_VERSION
    assert (ae.require_calling_aet, ae.require_called_aet) == ([], False)
    assert (ae.requested_contexts, ae.supported_contexts) == ([], [])
    assert ae.active_associations == []


# Names.


@pytest.mark.parametrize("title", ["A", "SIXTEEN-LETTERS-", "  BLANKS  ", "lower case"])
def test_titles_are_kept_as_they_are(ae: BaseEntity, title: str) -> None:
    ae.ae_title = title

    assert ae.ae_title == title
    assert type(ae)(title).ae_title == title


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("", ValueError),
        ("   ", ValueError),
        ("SEVENTEEN-LETTERS", ValueError),
        ("BACK\\SLASH", ValueError),
        ("LINE\nBREAK", ValueError),
        ("ÜMLAUT", ValueError),
        (None, TypeError),
        (1, TypeError),
    ],
)
def test_bad_titles_are_refused(ae: BaseEntity, title: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        ae.ae_title = title
    with pytest.raises(kind):
        type(ae)(title)
    assert ae.ae_title == "PYNETDICOM"


def test_an_implementation_may_have_its_own_names(ae: BaseEntity) -> None:
    ae.implementation_class_uid = "1.2.3"
    ae.implementation_version_name = "OURS"

    assert ae.implementation_class_uid == UID("1.2.3")
    assert isinstance(ae.implementation_class_uid, UID)
    assert ae.implementation_version_name == "OURS"


def test_an_implementation_need_not_say_its_version(ae: BaseEntity) -> None:
    ae.implementation_version_name = None

    assert ae.implementation_version_name is None


@pytest.mark.parametrize(
    ("uid", "kind"),
    [
        ("", ValueError),
        ("1.2.x", ValueError),
        ("1" * 65, ValueError),
        (None, TypeError),
        (1, TypeError),
    ],
)
def test_bad_implementation_uids_are_refused(
    ae: BaseEntity, uid: Any, kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        ae.implementation_class_uid = uid


@pytest.mark.parametrize(
    ("name", "kind"), [("", ValueError), ("X" * 17, ValueError), (1, TypeError)]
)
def test_bad_version_names_are_refused(ae: BaseEntity, name: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        ae.implementation_version_name = name


def test_titles_that_may_call_are_kept_without_blanks(ae: BaseEntity) -> None:
    ae.require_calling_aet = ["  A ", "B"]

    assert ae.require_calling_aet == ["A", "B"]


@pytest.mark.parametrize("titles", [[""], ["A", "X" * 17]])
def test_bad_titles_that_may_call_are_refused(ae: BaseEntity, titles: list[str]) -> None:
    with pytest.raises(ValueError, match="require_calling_aet"):
        ae.require_calling_aet = titles


@pytest.mark.parametrize(("value", "kept"), [(True, True), (1, True), (0, False), ("", False)])
def test_whether_our_title_must_be_called_is_a_yes_or_no(
    ae: BaseEntity, value: Any, kept: bool
) -> None:
    ae.require_called_aet = value

    assert ae.require_called_aet is kept


# Timeouts.


@pytest.mark.parametrize("name", ["acse_timeout", "dimse_timeout", "network_timeout"])
@pytest.mark.parametrize("value", [None, 0, 1, 0.5, 1000])
def test_timeouts_are_seconds_or_none(ae: BaseEntity, name: str, value: float | None) -> None:
    setattr(ae, name, value)

    assert getattr(ae, name) == value


@pytest.mark.parametrize("value", ["30", -1, [1]])
@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("acse_timeout", 30),
        ("dimse_timeout", 30),
        ("network_timeout", 60),
        ("connection_timeout", None),
    ],
)
def test_bad_timeouts_become_the_default_with_a_warning(
    ae: BaseEntity, name: str, instead: float | None, value: Any, caplog: pytest.LogCaptureFixture
) -> None:
    setattr(ae, name, 5)

    setattr(ae, name, value)

    assert getattr(ae, name) == instead
    assert name in caplog.text


@pytest.mark.parametrize(("value", "kept"), [(None, None), (0, None), (5, 5), (0.1, 0.1)])
def test_a_connection_timeout_of_zero_is_none(
    ae: BaseEntity, value: float | None, kept: float | None
) -> None:
    ae.connection_timeout = value

    assert ae.connection_timeout == kept


# Limits.


@pytest.mark.parametrize(
    ("value", "kept"), [(1, 1), (500, 500), (0, 1), (-5, 1), ("10", 1), (2.5, 1)]
)
def test_at_least_one_association_can_be_accepted(ae: BaseEntity, value: Any, kept: int) -> None:
    ae.maximum_associations = value

    assert ae.maximum_associations == kept


@pytest.mark.parametrize(("value", "kept"), [(0, 0), (1, 1), (1 << 20, 1 << 20), (-1, 16382)])
def test_a_maximum_length_is_not_negative(ae: BaseEntity, value: int, kept: int) -> None:
    ae.maximum_pdu_size = value

    assert ae.maximum_pdu_size == kept


# Requested contexts.


def syntaxes_of(context: PresentationContext) -> list[UID]:
    return context.transfer_syntax


def test_contexts_are_requested_in_the_order_they_were_added(ae: BaseEntity) -> None:
    ae.add_requested_context(MRImageStorage)
    ae.add_requested_context(CTImageStorage, ImplicitVRLittleEndian)
    ae.add_requested_context(MRImageStorage, [ExplicitVRLittleEndian])

    assert [c.abstract_syntax for c in ae.requested_contexts] == [
        MRImageStorage,
        CTImageStorage,
        MRImageStorage,
    ]
    assert [syntaxes_of(c) for c in ae.requested_contexts] == [
        DEFAULT_TRANSFER_SYNTAXES,
        [ImplicitVRLittleEndian],
        [ExplicitVRLittleEndian],
    ]


def test_there_are_at_most_128_requested_contexts(ae: BaseEntity) -> None:
    ae.requested_contexts = [build_context(Verification)] * 128

    with pytest.raises(ValueError, match="128"):
        ae.add_requested_context(Verification)
    with pytest.raises(ValueError, match="128"):
        ae.requested_contexts = [build_context(Verification)] * 129
    assert len(ae.requested_contexts) == 128


def test_setting_requested_contexts_replaces_them_by_copies(ae: BaseEntity) -> None:
    contexts = [build_context(CTImageStorage)]
    ae.add_requested_context(Verification)

    ae.requested_contexts = contexts
    contexts[0].transfer_syntax = []

    assert [c.abstract_syntax for c in ae.requested_contexts] == [CTImageStorage]
    assert syntaxes_of(ae.requested_contexts[0]) == DEFAULT_TRANSFER_SYNTAXES


@pytest.mark.parametrize("nothing", [None, []])
def test_contexts_can_be_cleared(ae: BaseEntity, nothing: Any) -> None:
    ae.add_requested_context(Verification)
    ae.add_supported_context(Verification)

    ae.requested_contexts = nothing
    ae.supported_contexts = nothing

    assert (ae.requested_contexts, ae.supported_contexts) == ([], [])


@pytest.mark.parametrize("name", ["requested_contexts", "supported_contexts"])
@pytest.mark.parametrize(("contexts", "kind"), [("CT", TypeError), (["CT"], ValueError)])
def test_only_contexts_are_contexts(
    ae: BaseEntity, name: str, contexts: Any, kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        setattr(ae, name, contexts)


def test_requested_contexts_can_be_removed(ae: BaseEntity) -> None:
    ae.add_requested_context(Verification)
    ae.add_requested_context(CTImageStorage)
    ae.add_requested_context(CTImageStorage, ImplicitVRLittleEndian)

    ae.remove_requested_context(CTImageStorage)
    ae.remove_requested_context(MRImageStorage)

    assert [c.abstract_syntax for c in ae.requested_contexts] == [Verification]


def test_requested_transfer_syntaxes_can_be_removed(ae: BaseEntity) -> None:
    ae.add_requested_context(CTImageStorage)
    ae.add_requested_context(CTImageStorage, ImplicitVRLittleEndian)

    ae.remove_requested_context(CTImageStorage, ImplicitVRLittleEndian)

    (context,) = ae.requested_contexts
    assert syntaxes_of(context) == DEFAULT_TRANSFER_SYNTAXES[1:]


# Supported contexts.


def test_supported_contexts_are_sorted_and_merged(ae: BaseEntity) -> None:
    ae.add_supported_context(MRImageStorage, ExplicitVRLittleEndian)
    ae.add_supported_context(CTImageStorage)
    ae.add_supported_context(MRImageStorage, [ImplicitVRLittleEndian, ExplicitVRLittleEndian])

    ct, mr = ae.supported_contexts
    assert (ct.abstract_syntax, mr.abstract_syntax) == (CTImageStorage, MRImageStorage)
    assert syntaxes_of(mr) == [ExplicitVRLittleEndian, ImplicitVRLittleEndian]


def test_more_than_128_contexts_can_be_supported(ae: BaseEntity) -> None:
    for number in range(200):
        ae.add_supported_context(f"1.2.3.{number}")

    assert len(ae.supported_contexts) == 200


def test_setting_supported_contexts_merges(ae: BaseEntity) -> None:
    ae.add_supported_context(Verification)

    ae.supported_contexts = StoragePresentationContexts

    assert len(ae.supported_contexts) == len(StoragePresentationContexts) + 1


def test_later_roles_replace_earlier_ones(ae: BaseEntity) -> None:
    ae.add_supported_context(CTImageStorage, scu_role=True, scp_role=True)
    ae.add_supported_context(CTImageStorage, scu_role=False, scp_role=True)

    (context,) = ae.supported_contexts
    assert (context.scu_role, context.scp_role) == (False, True)


@pytest.mark.parametrize("role", ["scu_role", "scp_role"])
def test_a_role_is_a_yes_or_no_or_nothing(ae: BaseEntity, role: str) -> None:
    with pytest.raises(TypeError):
        ae.add_supported_context(CTImageStorage, **{role: 1})  # type: ignore[arg-type]  # the point


def test_supported_contexts_can_be_removed(ae: BaseEntity) -> None:
    for syntax in (Verification, CTImageStorage, MRImageStorage):
        ae.add_supported_context(syntax)

    ae.remove_supported_context(CTImageStorage)
    ae.remove_supported_context(MRImageStorage, DEFAULT_TRANSFER_SYNTAXES)
    ae.remove_supported_context(Verification, [ImplicitVRLittleEndian])
    ae.remove_supported_context("1.2.3")

    (context,) = ae.supported_contexts
    assert context.abstract_syntax == Verification
    assert syntaxes_of(context) == DEFAULT_TRANSFER_SYNTAXES[1:]


@pytest.mark.parametrize("add", ["add_requested_context", "add_supported_context"])
@pytest.mark.parametrize(("uid", "kind"), [("1" * 65, ValueError), (1, TypeError)])
def test_what_is_no_uid_is_no_context(
    ae: BaseEntity, add: str, uid: Any, kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        getattr(ae, add)(uid)


# In words.


def test_an_ae_describes_itself(ae: BaseEntity) -> None:
    ae.add_requested_context(Verification, ImplicitVRLittleEndian)

    text = str(ae)

    assert text.splitlines() == [
        "",
        "Application Entity PYNETDICOM",
        "",
        "  Requested Presentation Contexts:",
        "\tVerification SOP Class",
        "\t\tImplicit VR Little Endian",
        "",
        "  Supported Presentation Contexts:",
        "\tNone",
        "",
        "  ACSE timeout: 30 s",
        "  DIMSE timeout: 30 s",
        "  Network timeout: 60 s",
        "  Connection timeout: None s",
        "",
        "  Require called AE title: False",
        "",
        "  Association(s): 0/10",
    ]
