"""`pynetdicom.compat.v1` has the facts of 1.1 that 3.x contradicts."""

import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from pydicom import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from compat.stage import (
    FIND,
    GET,
    MOVE,
    answers,
    archive,
    asking,
    associate,
    identifier,
    image,
    offer,
    started,
    statuses,
)
from pynetdicom import build_role, sop_class
from pynetdicom.compat import v1
from pynetdicom.compat.v1 import AE
from pynetdicom.compat.v1 import sop_class as old_sop_class
from pynetdicom.compat.v1.association import FIND as FIND_MODELS
from pynetdicom.compat.v1.association import GET as GET_MODELS
from pynetdicom.compat.v1.association import MOVE as MOVE_MODELS
from pynetdicom.compat.v1.utils import validate_ae_title
from pynetdicom.sop_class import CTImageStorage, Verification

THREE = [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian]

DEFAULTS = {
    "ae_title": b"PYNETDICOM      ",
    "port": 0,
    "bind_addr": "",
    "local_socket": None,
    "maximum_associations": 2,
    "acse_timeout": 30,
    "dimse_timeout": None,
    "network_timeout": 60,
    "maximum_pdu_size": 16382,
    "require_calling_aet": [],
    "require_called_aet": False,
    "active_associations": [],
    "requested_contexts": [],
    "supported_contexts": [],
}


def test_the_defaults_are_those_of_1_1() -> None:
    ae = AE()

    assert {name: getattr(ae, name) for name in DEFAULTS} == DEFAULTS


def test_what_is_no_limit_is_replaced_by_the_default(caplog: pytest.LogCaptureFixture) -> None:
    ae = AE()

    ae.maximum_associations = 0
    ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = -1

    assert (ae.maximum_associations, ae.acse_timeout) == (1, 30)
    assert [ae.dimse_timeout, ae.network_timeout] == [None, 60]
    assert len(caplog.records) == 4


def test_nobody_is_told_of_modern_forms() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        ae: Any = AE(b"OLD", 11112)
        ae.on_c_store = print
        ae.stop()

        class Server(AE):
            def on_c_echo(self, context: Any, info: Any) -> int:
                return 0


def test_quit_was_deprecated_already() -> None:
    with pytest.warns(DeprecationWarning, match="stop"):
        AE().quit()


def test_a_callback_that_was_not_set_is_there_and_answers_as_it_did() -> None:
    ae: Any = AE()

    assert ae.on_c_echo(None, {}) == 0x0000
    assert ae.on_sop_class_common_extended({}) == {}
    assert ae.on_association_released() is None
    with pytest.raises(NotImplementedError, match="on_c_store"):
        ae.on_c_store(None, None, {})


# What the page about its AE lists.
NAMES = """
    acse_timeout active_associations address ae_title bind_addr client_socket dimse_timeout
    network_timeout maximum_associations maximum_pdu_size port require_calling_aet
    require_called_aet add_requested_context add_supported_context associate cleanup_associations
    on_association_aborted on_association_accepted on_association_rejected on_association_released
    on_association_requested on_async_ops_window on_c_echo on_c_find on_c_find_cancel on_c_get
    on_c_get_cancel on_c_move on_c_move_cancel on_c_store on_make_connection on_n_action on_n_create
    on_n_delete on_n_event_report on_n_get on_n_set on_receive_connection
    on_sop_class_common_extended on_sop_class_extended on_user_identity quit
    remove_requested_context remove_supported_context start stop implementation_class_uid
    implementation_version_name requested_contexts supported_contexts
""".split()


def test_an_ae_has_all_names_that_it_had() -> None:
    ae = AE()

    assert [name for name in NAMES if not hasattr(ae, name)] == []


# Titles.


@pytest.mark.parametrize(
    ("title", "read"),
    [
        ("SHORT", b"SHORT           "),
        (b"SHORT", b"SHORT           "),
        (b"  PADDED  ", b"PADDED          "),
        (b"0123456789abcdefghi", b"0123456789abcdef"),
    ],
)
def test_a_title_is_read_as_sixteen_bytes(title: str | bytes, read: bytes) -> None:
    ae = AE(title)
    ae.require_calling_aet = [title]

    assert (ae.ae_title, ae.require_calling_aet) == (read, [read])
    assert validate_ae_title(title) == read


@pytest.mark.parametrize("title", ["", b"   ", "back\\slash", b"new\nline"])
def test_a_title_that_cannot_be_one_is_refused(title: str | bytes) -> None:
    with pytest.raises(ValueError, match="is no AE title"):
        AE(title)


@pytest.mark.parametrize("title", [5, None])
def test_a_title_is_str_or_bytes(title: Any) -> None:
    with pytest.raises(TypeError, match="AE titles must be str or bytes"):
        AE(title)


def test_titles_are_bytes_wherever_callbacks_see_them() -> None:
    ae: Any = offer(AE(b"OLD"))
    seen: list[Any] = []

    def on_c_store(dataset: Dataset, context: Any, info: Any) -> int:
        seen.append(info["requestor"]["ae_title"])
        seen.append(info["acceptor"]["ae_title"])
        seen.append(info["parameters"]["originator_aet"])
        return 0x0000

    def on_c_move(dataset: Dataset, move_aet: bytes, context: Any, info: Any) -> Iterator[Any]:
        seen.append(move_aet)
        yield None, None
        yield 1

    ae.on_c_store, ae.on_c_move = on_c_store, on_c_move
    ae.on_association_accepted = lambda primitive: seen.extend(
        [primitive.calling_ae_title, primitive.called_ae_title]
    )

    with started(ae) as port, asking(port) as assoc:
        assoc.send_c_store(image(), originator_aet="MOVER", originator_id=1)
        told = statuses(assoc.send_c_move(identifier(), "DEST", MOVE))

    assert told == [0xA801]
    assert seen == [
        title.ljust(16) for title in (b"ASKING", b"OLD", b"ASKING", b"OLD", b"MOVER", b"DEST")
    ]


def test_required_titles_are_compared_without_their_padding() -> None:
    ae = offer(AE(b"OLD"))
    ae.require_calling_aet = [b"ASKING          "]
    ae.require_called_aet = True

    with started(ae) as port:
        with asking(port):
            pass
        by_somebody = associate(port, title="SOMEBODY")
        to_somebody = associate(port, called="SOMEBODY")

    assert rejection(by_somebody) == (1, 1, 3)
    assert rejection(to_somebody) == (1, 1, 7)


def rejection(assoc: Any) -> tuple[int, int, int]:
    assert assoc.is_rejected
    primitive = assoc.acceptor.primitive
    return primitive.result, primitive.result_source, primitive.diagnostic


def test_the_third_association_is_one_too_many() -> None:
    ae = offer(AE(b"OLD"))

    with started(ae) as port, asking(port), asking(port):
        assert rejection(associate(port)) == (2, 3, 2)


def test_associations_that_were_requested_take_places_too() -> None:
    ae = offer(AE(b"OLD"))
    ae.add_requested_context(Verification)
    peer = offer(AE(b"PEER"))

    with started(peer) as elsewhere, started(ae) as port:
        assoc = ae.associate("127.0.0.1", elsewhere)
        with asking(port):
            refused = associate(port)
        assoc.release()

    assert rejection(refused) == (2, 3, 2)


def test_the_listening_socket_is_there_while_it_serves() -> None:
    ae = offer(AE())

    with started(ae) as port:
        assert ae.local_socket.getsockname() == ("127.0.0.1", port)

    assert ae.local_socket is None


# The requestor's side.


@pytest.fixture
def asker() -> Any:
    ae = AE(b"ASKER")
    for syntax in (Verification, CTImageStorage, FIND, GET, MOVE):
        ae.add_requested_context(syntax)
    return ae


def test_an_association_shows_titles_as_bytes(asker: Any) -> None:
    with started(offer(AE(b"OLD"))) as port:
        assoc = asker.associate("127.0.0.1", port, ae_title=b"OLD")
        local, remote = assoc.local, assoc.remote
        assoc.release()

    assert (local["ae_title"], remote["ae_title"]) == (b"ASKER".ljust(16), b"OLD".ljust(16))
    assert (remote["port"], remote["mode"]) == (port, "acceptor")
    assert assoc.requestor.ae_title == local["ae_title"]


def test_the_called_title_is_any_scp_unless_given(asker: Any) -> None:
    with started(offer(AE())) as port:
        assoc = asker.associate("127.0.0.1", port)
        assoc.release()

    assert assoc.acceptor.ae_title == b"ANY-SCP".ljust(16)


def test_three_transfer_syntaxes_are_proposed(asker: Any) -> None:
    asker.add_supported_context(Verification)

    [context, *_] = asker.requested_contexts
    assert context.transfer_syntax == THREE
    assert asker.supported_contexts[0].transfer_syntax == THREE
    assert v1.build_context(Verification).transfer_syntax == THREE
    assert v1.VerificationPresentationContexts[0].transfer_syntax == THREE


def test_queries_and_retrievals_take_letters_in_the_old_order(asker: Any) -> None:
    server: Any = offer(AE(b"OLD"))
    seen: list[Any] = []

    def on_c_find(dataset: Dataset, context: Any, info: Any) -> Iterator[Any]:
        seen.append((context.abstract_syntax, info["parameters"]))
        yield 0xFF00, identifier("Match")

    def on_c_get(dataset: Dataset, context: Any, info: Any) -> Iterator[Any]:
        seen.append((context.abstract_syntax, info["parameters"]))
        yield 1
        yield 0xFF00, image()

    def on_c_move(dataset: Dataset, to: bytes, context: Any, info: Any) -> Iterator[Any]:
        seen.append((context.abstract_syntax, info["parameters"]))
        yield "127.0.0.1", destination
        yield 1
        yield 0xFF00, image()

    server.on_c_find, server.on_c_get, server.on_c_move = on_c_find, on_c_get, on_c_move
    server.add_requested_context(CTImageStorage)
    asker.on_c_store = lambda dataset, context, info: 0x0000
    role = build_role(CTImageStorage, scu_role=True, scp_role=True)

    with archive() as destination, started(server) as port:
        assoc = asker.associate("127.0.0.1", port, ext_neg=[role])
        found = answers(assoc.send_c_find(identifier(), 3, 1, "P"))
        got = statuses(assoc.send_c_get(identifier(), 4, query_model="P"))
        moved = statuses(assoc.send_c_move(identifier(), b"DEST", 5, 0, "P"))
        stored = assoc.send_c_store(image(), 6, 1, b"MOVER", 9)
        assoc.release()

    assert [status for status, _ in found] == [0xFF00, 0x0000]
    assert (got, moved) == ([0xFF00, 0x0000], [0xFF00, 0x0000])
    assert stored.Status == 0xC211
    assert seen == [
        (FIND, {"message_id": 3, "priority": 1}),
        (GET, {"message_id": 4, "priority": 2}),
        (MOVE, {"message_id": 5, "priority": 0}),
    ]


def test_a_query_is_cancelled_by_its_own_method(asker: Any) -> None:
    server: Any = offer(AE(b"OLD"))
    cancelled: list[bool] = []

    def on_c_find(dataset: Dataset, context: Any, info: Any) -> Iterator[Any]:
        for _ in range(9999):
            if cancelled:
                yield 0xFE00, None
                return
            yield 0xFF00, identifier()

    server.on_c_find = on_c_find
    server.on_c_find_cancel = lambda: cancelled.append(True)

    with started(server) as port:
        assoc = asker.associate("127.0.0.1", port)
        results = assoc.send_c_find(identifier())
        next(results)
        assoc.send_c_cancel_find(1)
        *_, last = statuses(results)
        assoc.release()

    assert last == 0xFE00


@pytest.mark.parametrize("cancel", ["send_c_cancel_get", "send_c_cancel_move"])
def test_retrievals_have_such_methods_too(asker: Any, cancel: str) -> None:
    with started(offer(AE(b"OLD"))) as port:
        assoc = asker.associate("127.0.0.1", port)
        getattr(assoc, cancel)(1)
        with pytest.raises(ValueError, match="'W' is no query model"):
            getattr(assoc, cancel)(1, "W")
        status = assoc.send_c_echo()
        assoc.release()

    assert status.Status == 0x0000


def test_each_letter_stands_for_a_sop_class() -> None:
    assert list(FIND_MODELS) == "P S O H D CP IG IA IT W G B C PC SA".split()
    assert list(GET_MODELS) == "P S O H D CP IG IA IT C CB".split()
    assert list(MOVE_MODELS) == "P S O H D CP IG IA IT C".split()
    assert GET_MODELS["CB"] == "1.2.840.10008.5.1.4.1.2.5.3"
    assert FIND_MODELS["W"] == "1.2.840.10008.5.1.4.31"
    assert MOVE_MODELS["IA"] == "1.2.840.10008.5.1.4.44.3"


@pytest.mark.parametrize("model", ["X", "p", FIND])
def test_what_is_no_letter_is_refused(asker: Any, model: str) -> None:
    with started(offer(AE(b"OLD"))) as port:
        assoc = asker.associate("127.0.0.1", port)
        with pytest.raises(ValueError, match="is no query model, these are: P, S, O"):
            assoc.send_c_find(identifier(), query_model=model)
        assoc.release()


# Lists and names.

LENGTHS = {
    "Verification": 1,
    "Storage": 128,
    "QueryRetrieve": 12,
    "BasicWorklistManagement": 1,
    "RelevantPatientInformation": 3,
    "SubstanceAdministration": 2,
    "NonPatientObject": 7,
    "HangingProtocol": 3,
    "DefinedProcedureProtocol": 3,
    "ColorPalette": 3,
    "ImplantTemplate": 9,
    "DisplaySystem": 1,
}


def test_the_lists_of_contexts_are_as_long_as_they_were() -> None:
    lists = {name: getattr(v1, f"{name}PresentationContexts") for name in LENGTHS}

    assert {name: len(contexts) for name, contexts in lists.items()} == LENGTHS
    for contexts in lists.values():
        uids = [context.abstract_syntax for context in contexts]
        assert uids == sorted(set(uids))


def test_sop_classes_have_their_old_names_without_a_word() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        assert old_sop_class.VerificationSOPClass == Verification
        assert old_sop_class.UnitedProcedureStepPush == sop_class.UnifiedProcedureStepPush
        assert old_sop_class.CTImageStorage is CTImageStorage
    with pytest.raises(AttributeError, match="NoSuchStorage"):
        old_sop_class.NoSuchStorage  # noqa: B018  # reading it is what raises


def test_the_logger_writes_warnings_unless_the_program_has_its_own() -> None:
    logger = logging.getLogger("pynetdicom")
    before = logger.handlers, logger.level
    logger.handlers = []
    try:
        v1.setup_logger()
        v1.setup_logger()
        handlers, level = logger.handlers, logger.level
    finally:
        logger.handlers = before[0]
        logger.setLevel(before[1])

    assert ([type(handler) for handler in handlers], level) == (
        [logging.StreamHandler],
        logging.WARNING,
    )
