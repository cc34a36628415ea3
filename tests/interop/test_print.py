"""Print management: we print with DCMTK's server, and its programs with ours (PS3.4 H)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydicom.dataset import Dataset

from interop import dcmtk_print, studies
from interop.conversations import data
from interop.dcmtk_print import PrintServer
from interop.front import SUCCESS, Front, Handlers, Speaker
from pynetdicom import build_context, evt
from pynetdicom.sop_class import (
    BasicFilmBox,
    BasicFilmSession,
    BasicGrayscaleImageBox,
    BasicGrayscalePrintManagementMeta,
    PresentationLUT,
    Printer,
    PrinterInstance,
)

pytestmark = [pytest.mark.interop, pytest.mark.slow]

META = BasicGrayscalePrintManagementMeta
CONTEXTS = [build_context(META), build_context(PresentationLUT)]

NO_SUCH_ATTRIBUTE = 0x0105
INVALID_ATTRIBUTE_VALUE = 0x0106
DUPLICATE_INSTANCE = 0x0111
NO_SUCH_INSTANCE = 0x0112
MISSING_ATTRIBUTE = 0x0120
FILM_BOX_IS_EMPTY = 0xB603

SESSION, BOX, LUT, IMAGE = (f"{studies.ROOT}.7.{number}" for number in range(1, 5))
PRINTER_STATUS, PRINTER_STATUS_INFO, PRINTER_NAME = 0x2110_0010, 0x2110_0020, 0x2110_0030


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrintServer]:
    with dcmtk_print.dcmprscp(tmp_path_factory.mktemp("dcmprscp")) as running:
        yield running


def reference(sop_class: str, instance: str) -> Dataset:
    return data(ReferencedSOPClassUID=sop_class, ReferencedSOPInstanceUID=instance)


def bitmap() -> Dataset:
    image = data(
        SamplesPerPixel=1,
        PhotometricInterpretation="MONOCHROME2",
        Rows=128,
        Columns=128,
        BitsAllocated=8,
        BitsStored=8,
        HighBit=7,
        PixelRepresentation=0,
        PixelData=bytes(range(128)) * 128,
    )
    image["PixelData"].VR = "OW"
    return image


def create_session(scu: Speaker) -> tuple[Dataset, Dataset | None]:
    attributes = data(NumberOfCopies=2, MediumType="BLUE FILM", FilmDestination="MAGAZINE")
    return scu.send_n_create(attributes, BasicFilmSession, SESSION, meta_uid=META)


def create_film_box(scu: Speaker) -> tuple[Dataset, Any]:
    attributes = data(
        ImageDisplayFormat="STANDARD\\2,2",
        FilmOrientation="LANDSCAPE",
        FilmSizeID="8INX10IN",
        ReferencedFilmSessionSequence=[reference(BasicFilmSession, SESSION)],
    )
    return scu.send_n_create(attributes, BasicFilmBox, BOX, meta_uid=META)


def set_image(scu: Speaker, image_box: str, image: Dataset) -> tuple[Dataset, Dataset | None]:
    attributes = data(ImageBoxPosition=3, BasicGrayscaleImageSequence=[image])
    return scu.send_n_set(attributes, BasicGrayscaleImageBox, image_box, meta_uid=META)


def printing(front: Front, server: PrintServer) -> Any:
    return front.associate(server.port, CONTEXTS, ae_title=dcmtk_print.PRINTER)


def test_dcmprscp_tells_how_the_printer_is(front: Front, server: PrintServer) -> None:
    with printing(front, server) as scu:
        everything = scu.send_n_get([], Printer, PrinterInstance, meta_uid=META)
        one = scu.send_n_get([PRINTER_STATUS_INFO], Printer, PrinterInstance, meta_uid=META)
        unknown = scu.send_n_get([PRINTER_NAME], Printer, PrinterInstance, meta_uid=META)

    normal = data(PrinterStatus="NORMAL", PrinterStatusInfo="NORMAL")
    assert (everything[0].Status, everything[1]) == (SUCCESS, normal)
    assert (one[0].Status, one[1]) == (SUCCESS, data(PrinterStatusInfo="NORMAL"))
    assert (unknown[0].Status, unknown[1]) == (NO_SUCH_ATTRIBUTE, None)


def test_dcmprscp_prints_an_image_for_us(front: Front, server: PrintServer) -> None:
    with printing(front, server) as scu:
        session_status, session = create_session(scu)
        box_status, box = create_film_box(scu)
        image_boxes = [each.ReferencedSOPInstanceUID for each in box.ReferencedImageBoxSequence]
        image_status, image = set_image(scu, image_boxes[2], bitmap())
        print_status, _ = scu.send_n_action(None, 1, BasicFilmBox, BOX, meta_uid=META)
        deleted = [
            scu.send_n_delete(BasicFilmBox, BOX, meta_uid=META),
            scu.send_n_delete(BasicFilmSession, SESSION, meta_uid=META),
        ]

    assert (session_status.Status, session and session.MediumType) == (SUCCESS, "BLUE FILM")
    assert (box_status.Status, box.FilmOrientation) == (SUCCESS, "LANDSCAPE")
    assert len(image_boxes) == 4
    assert (image_status.Status, image) == (SUCCESS, data(ImageBoxPosition=3))
    assert print_status.Status == SUCCESS
    assert [status.Status for status in deleted] == [SUCCESS, SUCCESS]
    (printed,) = server.take()
    assert (printed.Rows, printed.Columns) == (128, 128)
    assert printed.PixelData == bitmap().PixelData


def test_dcmprscp_makes_a_presentation_lut_for_us(front: Front, server: PrintServer) -> None:
    identity = data(PresentationLUTShape="IDENTITY")

    with printing(front, server) as scu:
        status, made = scu.send_n_create(identity, PresentationLUT, LUT)
        deleted = scu.send_n_delete(PresentationLUT, LUT)

    assert (status.Status, made) == (SUCCESS, identity)
    assert deleted.Status == SUCCESS


def test_dcmprscp_refuses_what_it_cannot_do(front: Front, server: PrintServer) -> None:
    signed, incomplete = bitmap(), bitmap()
    signed.PixelRepresentation = 1
    del incomplete.PixelData

    with printing(front, server) as scu:
        create_session(scu)
        again, _ = create_session(scu)
        _, box = create_film_box(scu)
        image_box, *_ = [each.ReferencedSOPInstanceUID for each in box.ReferencedImageBoxSequence]
        invalid, _ = set_image(scu, image_box, signed)
        missing, _ = set_image(scu, image_box, incomplete)
        nothing, _ = scu.send_n_action(None, 1, BasicFilmBox, BOX, meta_uid=META)
        unknown = scu.send_n_delete(BasicFilmBox, IMAGE, meta_uid=META)

    assert again.Status == DUPLICATE_INSTANCE
    assert invalid.Status == INVALID_ATTRIBUTE_VALUE
    assert missing.Status == MISSING_ATTRIBUTE
    assert nothing.Status == FILM_BOX_IS_EMPTY
    assert unknown.Status == NO_SUCH_INSTANCE
    assert server.take() == []


@dataclass(slots=True)
class OurPrinter:
    """A printer of ours, which notes what it does."""

    done: list[tuple[str, str, str]] = field(default_factory=list)
    images: list[Dataset] = field(default_factory=list)

    INSTANCES: ClassVar = {BasicFilmSession: SESSION, BasicFilmBox: BOX, PresentationLUT: LUT}

    @property
    def handlers(self) -> Handlers:
        return [
            (evt.EVT_N_GET, self.get),
            (evt.EVT_N_CREATE, self.create),
            (evt.EVT_N_SET, self.set),
            (evt.EVT_N_ACTION, self.action),
            (evt.EVT_N_DELETE, self.delete),
        ]

    def get(self, event: evt.Event) -> tuple[int, Dataset]:
        self._note("N-GET", event)
        return SUCCESS, data(PrinterStatus="NORMAL", PrinterStatusInfo="NORMAL")

    def create(self, event: evt.Event) -> tuple[int, Dataset]:
        assert event.request.AffectedSOPInstanceUID is None
        sop_class, made = event.request.AffectedSOPClassUID, event.attribute_list
        made.AffectedSOPInstanceUID = self.INSTANCES[sop_class]
        if sop_class == BasicFilmBox:
            made.ReferencedImageBoxSequence = [reference(BasicGrayscaleImageBox, IMAGE)]
        self.done.append(("N-CREATE", sop_class, made.AffectedSOPInstanceUID))
        return SUCCESS, made

    def set(self, event: evt.Event) -> tuple[int, None]:
        self._note("N-SET", event)
        self.images += event.modification_list.BasicGrayscaleImageSequence
        return SUCCESS, None

    def action(self, event: evt.Event) -> tuple[int, None]:
        self._note(f"N-ACTION {event.action_type}", event)
        return SUCCESS, None

    def delete(self, event: evt.Event) -> int:
        self._note("N-DELETE", event)
        return SUCCESS

    def _note(self, operation: str, event: evt.Event) -> None:
        request = event.request
        self.done.append((operation, request.RequestedSOPClassUID, request.RequestedSOPInstanceUID))


def test_dcmprscu_prints_an_image_with_us(front: Front, tmp_path: Path) -> None:
    printer, (image, *_) = OurPrinter(), studies.files(tmp_path)

    with front.accept(CONTEXTS, printer.handlers) as scp:
        sent = dcmtk_print.print_image(image, scp.port, tmp_path)

    assert printer.done == [
        ("N-GET", Printer, PrinterInstance),
        ("N-CREATE", PresentationLUT, LUT),
        ("N-CREATE", BasicFilmSession, SESSION),
        ("N-CREATE", BasicFilmBox, BOX),
        ("N-SET", BasicGrayscaleImageBox, IMAGE),
        ("N-ACTION 1", BasicFilmBox, BOX),
        ("N-DELETE", BasicFilmBox, BOX),
        ("N-DELETE", BasicFilmSession, SESSION),
        ("N-DELETE", PresentationLUT, LUT),
    ]
    (printed,) = printer.images
    assert (printed.Rows, printed.Columns) == (sent.Rows, sent.Columns)
    assert printed.PixelData == sent.PixelData
