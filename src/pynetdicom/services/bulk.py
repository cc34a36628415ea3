"""What Composite Instance Retrieve Without Bulk Data leaves out (PS3.4 Z.1.3)."""

import logging
from typing import Final

from pydicom import Dataset
from pydicom.datadict import tag_for_keyword
from pydicom.tag import BaseTag

LOGGER = logging.getLogger(__name__)

_BULK: Final = {
    BaseTag(tag_for_keyword(keyword) or 0)
    for keyword in (
        "PixelData",
        "FloatPixelData",
        "DoubleFloatPixelData",
        "PixelDataProviderURL",
        "SpectroscopyData",
        "EncapsulatedDocument",
    )
}
_WAVEFORM_DATA: Final = BaseTag(tag_for_keyword("WaveformData") or 0)

# Groups that repeat, with the element in each: curve data, audio sample data, overlay data.
_REPEATING: Final = {(0x5000, 0x3000), (0x5000, 0x200C), (0x6000, 0x3000)}


def _is_bulk(tag: BaseTag) -> bool:
    return tag in _BULK or (tag.group & 0xFF00, tag.element) in _REPEATING


def without_bulk_data(dataset: Dataset) -> Dataset:
    """Return a copy of `dataset` without its bulk data; a warning names what is left out."""
    gone = {tag for tag in dataset.keys() if _is_bulk(tag)}  # noqa: SIM118  # elements otherwise
    slim = _without(dataset, gone)
    if "WaveformSequence" in slim:
        items = slim.WaveformSequence
        gone |= {_WAVEFORM_DATA for item in items if _WAVEFORM_DATA in item}
        # Another element: to assign would change the one that both data sets have.
        slim.add_new("WaveformSequence", "SQ", [_without(item, {_WAVEFORM_DATA}) for item in items])
    if gone:
        LOGGER.warning("Bulk data is left out: %s", ", ".join(map(str, sorted(gone))))
    return slim


def _without(dataset: Dataset, tags: set[BaseTag]) -> Dataset:
    slim = Dataset({tag: element for tag, element in dataset.items() if tag not in tags})
    is_implicit, is_little_endian = dataset.original_encoding
    slim.set_original_encoding(is_implicit, is_little_endian, dataset.original_character_set)
    if hasattr(dataset, "file_meta"):
        slim.file_meta = dataset.file_meta
    return slim
