"""`getscu`; its program can be started as a script file, too."""

from pynetdicom.apps.getscu.getscu import main as main
