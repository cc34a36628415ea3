"""Data sets made from a template are those that pydicom's constructor makes."""

from pydicom import Dataset
from pydicom.dataelem import DataElement
from pydicom.tag import Tag

from pynetdicom._templates import Template


def patient() -> Dataset:
    ds = Dataset()
    ds.PatientID = "1"
    return ds


def test_an_empty_data_set_is_as_pydicom_makes_it() -> None:
    made = Template(Dataset()).with_elements({})

    assert vars(made) == vars(Dataset())
    assert type(made) is Dataset


def test_it_has_the_elements_it_was_given() -> None:
    tag = Tag("PatientID")

    made = Template(Dataset()).with_elements({tag: DataElement(tag, "LO", "1")})

    assert made == patient()
    assert made.PatientID == "1"


def test_it_is_like_the_data_set_of_the_template() -> None:
    like = Dataset()
    like.set_original_encoding(True, True, ["latin_1"])

    made = Template(like).with_elements({})

    assert made.original_encoding == (True, True)
    assert made.original_character_set == ["latin_1"]


def test_data_sets_of_one_template_share_nothing_that_can_change() -> None:
    template = Template(Dataset())
    first, second = template.with_elements({}), template.with_elements({})

    first.PatientID = "1"
    block = first.private_block(0x0009, "MAKER", create=True)
    block.add_new(0x01, "LO", "x")

    assert vars(second) == vars(Dataset())
