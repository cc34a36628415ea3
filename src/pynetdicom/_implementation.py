"""Who we are on the wire (PS3.7 D.3.3.2)."""

from typing import Final

from pydicom.uid import UID

__version__: Final = "4.0.0.dev0"

# Derived from a UUID (PS3.5 B.2): nobody has to be asked for such a root, and nobody else has it.
PYNETDICOM_UID_PREFIX: Final = "2.25.196646186601922554299445372812158850731."

_NUMBERS = __version__.split(".")[:3]

PYNETDICOM_IMPLEMENTATION_UID: Final = UID(PYNETDICOM_UID_PREFIX + ".".join(_NUMBERS))
PYNETDICOM_IMPLEMENTATION_VERSION: Final = f"PYNETDICOM_{''.join(_NUMBERS)}"
