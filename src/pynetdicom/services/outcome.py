"""What a handler returned becomes the status of a response (PS3.7 Annex C)."""

import logging
from typing import Any

from pydicom import Dataset

from pynetdicom.dimse_primitives import DIMSEPrimitive
from pynetdicom.service_class import ServiceClass

LOGGER = logging.getLogger(__name__)

SUCCESS = 0x0000
NO_STATUS_ELEMENT = 0xC001  # a status Dataset without Status
NOT_A_STATUS = 0xC002  # neither a number of two bytes nor a Dataset


def set_status(response: DIMSEPrimitive, returned: Any, service: type[ServiceClass]) -> None:
    """Put what a handler returned as its status into `response`.

    Args:
        response: The response.
        returned: A number, or a Dataset with Status and further elements which the service permits.
        service: Knows which statuses its handlers may return; another one is sent with a warning.
    """
    status = returned
    if isinstance(returned, Dataset):
        status = returned.get("Status", NO_STATUS_ELEMENT)
        _set_details(response, returned)
    if not isinstance(status, int) or not 0 <= status <= 0xFFFF:
        LOGGER.error("Invalid status returned by callback")
        status = NOT_A_STATUS
    elif status == NO_STATUS_ELEMENT and isinstance(returned, Dataset) and "Status" not in returned:
        LOGGER.error("User callback returned a `Dataset` without a Status element")
    elif status != SUCCESS and status not in service.statuses_of(response.msg_type):
        LOGGER.warning("Unknown status value returned by callback - 0x%04X", status)
    vars(response)["Status"] = int(status)


def _set_details(response: DIMSEPrimitive, details: Dataset) -> None:
    for element in details:
        keyword = element.keyword
        if keyword == "Status":
            continue
        if keyword not in response.STATUS_OPTIONAL_KEYWORDS:
            LOGGER.warning("A %s status cannot hold '%s'", response.msg_type, element.name)
            continue
        try:
            setattr(response, keyword, element.value)
        except (TypeError, ValueError):
            LOGGER.exception("The status holds a bad '%s'", element.name)
