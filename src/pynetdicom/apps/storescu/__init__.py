"""`storescu`; its program can be started as a script file, too."""

from pynetdicom.apps.storescu.storescu import main as main
