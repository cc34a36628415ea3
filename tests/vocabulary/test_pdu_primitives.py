"""The upper layer's service primitives as users set and read them (PS3.8 7)."""

from typing import Any

import pytest
from pydicom.uid import UID

from pynetdicom import _config
from pynetdicom.pdu_primitives import (
    A_ABORT,
    A_ASSOCIATE,
    A_P_ABORT,
    A_RELEASE,
    P_DATA,
    ImplementationClassUIDNotification,
    MaximumLengthNotification,
    UserIdentityNegotiation,
)
from pynetdicom.presentation import build_context
from pynetdicom.sop_class import Verification
from pynetdicom.testing import build

# A-ASSOCIATE.


def test_a_new_request_says_what_the_standard_fixes() -> None:
    request = A_ASSOCIATE()

    assert request.application_context_name == "1.2.840.10008.3.1.1.1"
    assert request.mode == "normal"
    assert request.presentation_requirements == "Presentation Kernel"
    assert request.session_requirements == ""
    assert request.user_information == []
    assert request.presentation_context_definition_list == []
    assert request.presentation_context_definition_results_list == []


@pytest.mark.parametrize(
    "name",
    [
        "calling_ae_title",
        "called_ae_title",
        "responding_ae_title",
        "result",
        "result_source",
        "diagnostic",
        "maximum_length_received",
        "implementation_class_uid",
        "calling_presentation_address",
        "called_presentation_address",
        "responding_presentation_address",
    ],
)
def test_a_new_request_leaves_the_rest_open(name: str) -> None:
    assert getattr(A_ASSOCIATE(), name) is None


def test_the_responding_title_is_the_called_one() -> None:
    assert build(A_ASSOCIATE, called_ae_title="PACS").responding_ae_title == "PACS"


@pytest.mark.parametrize("name", ["calling_ae_title", "called_ae_title"])
def test_a_title_is_checked(name: str) -> None:
    assert getattr(build(A_ASSOCIATE, **{name: "PACS"}), name) == "PACS"
    with pytest.raises(ValueError, match=name):
        build(A_ASSOCIATE, **{name: "FAR TOO LONG A TITLE"})
    with pytest.raises(TypeError, match=name):
        build(A_ASSOCIATE, **{name: 1})


def test_the_application_context_is_a_uid() -> None:
    name = build(A_ASSOCIATE, application_context_name=b"1.2.3").application_context_name

    assert isinstance(name, UID)
    with pytest.raises(ValueError, match="application_context_name"):
        build(A_ASSOCIATE, application_context_name="1" * 65)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("result", (None, 0, 1, 2), (-1, 3, "0")),
        ("result_source", (None, 1, 2, 3), (0, 4)),
        ("diagnostic", (None, 1, 2, 3, 7, 10), (0, 11)),
    ],
)
def test_the_numbers_of_an_answer_are_those_of_the_standard(
    name: str, good: tuple[Any, ...], bad: tuple[Any, ...]
) -> None:
    assert tuple(getattr(build(A_ASSOCIATE, **{name: number}), name) for number in good) == good
    for number in bad:
        with pytest.raises(ValueError, match=name):
            build(A_ASSOCIATE, **{name: number})


@pytest.mark.parametrize(
    "name",
    ["presentation_context_definition_list", "presentation_context_definition_results_list"],
)
def test_contexts_are_a_list_of_contexts(name: str) -> None:
    contexts = [build_context(Verification)]

    assert getattr(build(A_ASSOCIATE, **{name: contexts}), name) == contexts
    with pytest.raises(TypeError, match=f"'{name}' must be list"):
        build(A_ASSOCIATE, **{name: tuple(contexts)})
    with pytest.raises(TypeError, match=f"'{name}' must hold PresentationContext"):
        build(A_ASSOCIATE, **{name: [Verification]})


def test_the_maximum_length_and_the_implementation_are_user_information() -> None:
    request = build(A_ASSOCIATE, maximum_length_received=100, implementation_class_uid="1.2")
    request.maximum_length_received = 200

    assert request.user_information == [
        build(MaximumLengthNotification, maximum_length_received=200),
        build(ImplementationClassUIDNotification, implementation_class_uid="1.2"),
    ]
    assert request.maximum_length_received == 200
    assert request.implementation_class_uid == "1.2"


def test_an_item_is_found_by_its_class() -> None:
    identity = build(UserIdentityNegotiation, user_identity_type=1, primary_field=b"me")
    request = build(A_ASSOCIATE, maximum_length_received=100)
    request.user_information.append(identity)

    assert request.item(UserIdentityNegotiation) is identity
    assert request.item(ImplementationClassUIDNotification) is None


def test_what_is_wrong_with_an_item_is_told() -> None:
    with pytest.raises(ValueError, match="maximum_length_received"):
        build(A_ASSOCIATE, maximum_length_received=-1)


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((None, None, None), ("(no value available)",) * 3),
        ((0, 1, None), ("Accepted", "Service User", "(no value available)")),
        ((1, 1, 7), ("Rejected Permanent", "Service User", "Called AE title not recognised")),
        (
            (2, 3, 2),
            (
                "Rejected Transient",
                "Service Provider (Presentation)",
                "Local limit exceeded",
            ),
        ),
        ((1, 2, 9), ("Rejected Permanent", "Service Provider (ACSE)", "(no value available)")),
    ],
)
def test_an_answer_is_said_in_words(numbers: tuple[Any, ...], words: tuple[str, ...]) -> None:
    result, source, diagnostic = numbers
    answer = build(A_ASSOCIATE, result=result, result_source=source, diagnostic=diagnostic)

    assert (answer.result_str, answer.source_str, answer.reason_str) == words


def test_requests_are_equal_when_they_ask_for_the_same() -> None:
    one, same = (build(A_ASSOCIATE, calling_ae_title="ME") for _ in range(2))

    assert one == same
    assert one != build(A_ASSOCIATE, calling_ae_title="YOU")
    assert one != A_RELEASE()
    with pytest.raises(TypeError, match="unhashable"):
        hash(one)


# The others.


def test_a_release_is_a_question_or_an_answer() -> None:
    question, answer = A_RELEASE(), A_RELEASE("affirmative")

    assert (question.result, question.reason) == (None, None)
    assert (answer.result, answer.reason) == ("affirmative", "normal")
    answer.result = None
    assert answer.result is None
    with pytest.raises(ValueError, match="affirmative"):
        question.result = "negative"


@pytest.mark.parametrize("source", [0, 1, 2])
def test_an_abort_has_a_source(source: int) -> None:
    abort = A_ABORT()
    with pytest.raises(ValueError, match="not set"):
        _ = abort.abort_source

    abort.abort_source = source

    assert abort.abort_source == source
    assert abort == A_ABORT(source)


@pytest.mark.parametrize("source", [-1, 3, "0"])
def test_an_abort_has_no_other_source(source: Any) -> None:
    with pytest.raises(ValueError, match="abort_source"):
        A_ABORT(source)


@pytest.mark.parametrize("reason", [0, 1, 2, 4, 5, 6])
def test_a_providers_abort_has_a_reason(reason: int) -> None:
    abort = A_P_ABORT()
    with pytest.raises(ValueError, match="not set"):
        _ = abort.provider_reason

    abort.provider_reason = reason

    assert abort.provider_reason == reason
    assert abort == A_P_ABORT(reason)


@pytest.mark.parametrize("reason", [-1, 3, 7])
def test_a_providers_abort_has_no_other_reason(reason: int) -> None:
    with pytest.raises(ValueError, match="provider_reason"):
        A_P_ABORT(reason)


def test_data_are_pairs_of_context_and_value() -> None:
    assert P_DATA().presentation_data_value_list == []
    assert P_DATA([(1, b"\x03")]) == P_DATA([(1, b"\x03")])
    assert P_DATA([(1, b"\x03")]) != P_DATA([(3, b"\x03")])


def test_the_checks_of_titles_can_be_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_config.VALIDATORS, "AE", lambda _value: (True, ""))

    assert build(A_ASSOCIATE, calling_ae_title="FAR TOO LONG A TITLE").calling_ae_title is not None
