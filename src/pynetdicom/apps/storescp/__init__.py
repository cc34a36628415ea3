"""`storescp`; its program can be started as a script file, too."""

from pynetdicom.apps.storescp.storescp import main as main
