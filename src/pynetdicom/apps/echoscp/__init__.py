"""`echoscp`; its program can be started as a script file, too."""

from pynetdicom.apps.echoscp.echoscp import main as main
