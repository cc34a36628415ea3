"""What programs of users take from here."""

from pynetdicom.apps._elements import ElementPath, create_dataset
from pynetdicom.apps._keep import handle_store
from pynetdicom.apps._output import setup_logging
from pynetdicom.apps._proposal import get_files

__all__ = ["ElementPath", "create_dataset", "get_files", "handle_store", "setup_logging"]
