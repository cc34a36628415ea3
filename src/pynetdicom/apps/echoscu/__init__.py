"""`echoscu`; its program can be started as a script file, too."""

from pynetdicom.apps.echoscu.echoscu import main as main
