"""The programs about application entities from which users have learnt pynetdicom 3."""

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from public.seeds import Blocking, echo, port_of, user
from public.seeds import dialect as dialect
from public.seeds import logging_as_before as logging_as_before
from public.seeds import peer as peer
from pynetdicom import (
    AE,
    AllStoragePresentationContexts,
    StoragePresentationContexts,
    build_context,
    build_role,
    evt,
)
from pynetdicom.sop_class import (
    CTImageStorage,
    MRImageStorage,
    Verification,
)

# Application entity.


def test_titles() -> None:
    assert AE().ae_title == "PYNETDICOM"
    assert AE(ae_title="MY_AE_TITLE").ae_title == "MY_AE_TITLE"
    ae = AE()
    ae.ae_title = "MY_AE_TITLE"
    assert ae.ae_title == "MY_AE_TITLE"


@pytest.mark.parametrize("title", ["", "   ", "SEVENTEEN_LETTERS", "BACK\\SLASH", "LINE\n", "É"])
def test_what_is_no_title(title: str) -> None:
    with pytest.raises(ValueError, match="ae_title"):
        AE(ae_title=title)


Add = Callable[[AE], Callable[..., Any]]
EITHER = pytest.mark.parametrize(
    ("add", "contexts"),
    [
        (lambda ae: ae.add_requested_context, lambda ae: ae.requested_contexts),
        (lambda ae: ae.add_supported_context, lambda ae: ae.supported_contexts),
    ],
    ids=["requested", "supported"],
)
Contexts = Callable[[AE], list[Any]]


@EITHER
def test_contexts_one_by_one(add: Add, contexts: Contexts) -> None:
    ae = AE()

    # A doctest of the guide prints nothing after these.
    assert add(ae)("1.2.840.10008.1.1") is None
    assert add(ae)(UID("1.2.840.10008.5.1.4.1.1.4")) is None
    assert add(ae)(CTImageStorage) is None

    syntaxes = {context.abstract_syntax for context in contexts(ae)}
    assert syntaxes == {Verification, MRImageStorage, CTImageStorage}


def test_all_contexts_at_once() -> None:
    assert len(StoragePresentationContexts) == 120
    ae = AE()
    ae.requested_contexts = StoragePresentationContexts
    ae.supported_contexts = StoragePresentationContexts

    assert ae.requested_contexts == StoragePresentationContexts
    assert len(ae.supported_contexts) == 120


def test_contexts_that_were_built() -> None:
    contexts = [build_context(CTImageStorage), build_context("1.2.840.10008.1.1")]
    ae = AE()
    ae.requested_contexts = contexts
    ae.supported_contexts = contexts

    requested = [context.abstract_syntax for context in ae.requested_contexts]
    supported = [context.abstract_syntax for context in ae.supported_contexts]
    assert requested == [CTImageStorage, Verification]
    assert supported == [Verification, CTImageStorage]


def test_128_contexts_may_be_requested_and_not_one_more() -> None:
    ae = AE()
    ae.requested_contexts = StoragePresentationContexts
    for _ in range(8):
        ae.add_requested_context(Verification)

    with pytest.raises(ValueError, match="128"):
        ae.add_requested_context(Verification)

    assert len(ae.requested_contexts) == 128


def test_more_than_128_contexts_may_be_supported() -> None:
    ae = AE()
    ae.supported_contexts = AllStoragePresentationContexts
    ae.add_supported_context(Verification)

    assert len(ae.supported_contexts) == 171


@EITHER
def test_transfer_syntaxes_of_ones_own(add: Add, contexts: Contexts) -> None:
    ae = AE()
    add(ae)(CTImageStorage, transfer_syntax="1.2.840.10008.1.2")
    add(ae)(MRImageStorage, [ImplicitVRLittleEndian, ExplicitVRLittleEndian])

    assert [context.transfer_syntax for context in contexts(ae)] == [
        [ImplicitVRLittleEndian],
        [ImplicitVRLittleEndian, ExplicitVRLittleEndian],
    ]


def test_transfer_syntaxes_of_built_contexts() -> None:
    context_a = build_context(CTImageStorage, ImplicitVRLittleEndian)
    context_b = build_context("1.2.840.10008.1.1", [ImplicitVRLittleEndian, ExplicitVRBigEndian])
    ae = AE()
    ae.requested_contexts = [context_a, context_b]
    ae.supported_contexts = [context_a, context_b]

    assert ae.requested_contexts == [context_a, context_b]
    assert ae.supported_contexts == [context_b, context_a]


VERIFICATION = """\
Abstract Syntax: Verification SOP Class
Transfer Syntax(es):
    =Implicit VR Little Endian
    =Explicit VR Little Endian
    =Deflated Explicit VR Little Endian
    =Explicit VR Big Endian"""


@EITHER
def test_a_context_is_printed(add: Add, contexts: Contexts) -> None:
    """The guide's output is older than the deflated syntax among the default ones."""
    ae = AE()
    assert len(contexts(ae)) == 0
    add(ae)(Verification)
    assert len(contexts(ae)) == 1

    assert str(contexts(ae)[0]) == VERIFICATION


def test_the_same_syntax_may_be_requested_twice() -> None:
    ae = AE()
    ae.add_requested_context(CTImageStorage)
    ae.add_requested_context(CTImageStorage, ImplicitVRLittleEndian)
    assert len(ae.requested_contexts) == 2

    assert str(ae.requested_contexts[1]).splitlines() == [
        "Abstract Syntax: CT Image Storage",
        "Transfer Syntax(es):",
        "    =Implicit VR Little Endian",
    ]


def test_the_same_syntax_is_supported_once() -> None:
    ae = AE()
    ae.add_supported_context(CTImageStorage, ExplicitVRLittleEndian)
    ae.add_supported_context(CTImageStorage, ImplicitVRLittleEndian)
    assert len(ae.supported_contexts) == 1

    assert str(ae.supported_contexts[0]).splitlines() == [
        "Abstract Syntax: CT Image Storage",
        "Transfer Syntax(es):",
        "    =Explicit VR Little Endian",
        "    =Implicit VR Little Endian",
    ]


def test_a_port_of_ones_own(peer: Any) -> None:
    ae = AE()
    ae.add_requested_context("1.2.840.10008.1.1")

    assoc = ae.associate("127.0.0.1", port_of(peer), bind_address=("127.0.0.1", 0))

    assert assoc.is_established
    assert assoc.requestor.address == "127.0.0.1"
    assoc.release()


def test_a_server_that_answers_toroles() -> None:
    ae = AE()
    ae.add_supported_context(CTImageStorage, scu_role=False, scp_role=True)
    server = ae.start_server(("127.0.0.1", 0), block=False)
    client = AE()
    client.add_requested_context(CTImageStorage)
    role = build_role(CTImageStorage, scu_role=True, scp_role=True)

    assoc = client.associate("127.0.0.1", port_of(server), ext_neg=[role])

    (context,) = assoc.accepted_contexts
    assert (context.as_scu, context.as_scp) == (False, True)
    assoc.release()
    server.shutdown()


@pytest.mark.parametrize("is_verified", [True, False])
def test_a_server_that_checks_identities(
    is_verified: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    module: Any = ModuleType("my_code")
    module.some_user_function = lambda event: (is_verified and event.user_id_type == 2, None)
    monkeypatch.setitem(sys.modules, "my_code", module)
    program = """
from my_code import some_user_function

def handle_user_id(event):
    is_verified, response = some_user_function(event)
    return is_verified, response

handlers = [(evt.EVT_USER_ID, handle_user_id)]
"""
    names: dict[str, Any] = {"evt": evt}
    exec(program, names)
    ae = AE()
    ae.add_supported_context(Verification)

    def serve() -> None:
        ae.start_server(("127.0.0.1", 0), evt_handlers=names["handlers"])

    with Blocking(ae, serve) as (server,):
        assoc = echo(port_of(server), ext_neg=[user()])

    assert (assoc.is_released, assoc.is_rejected) == (is_verified, not is_verified)
