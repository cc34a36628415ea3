"""`movescu`; its program can be started as a script file, too."""

from pynetdicom.apps.movescu.movescu import main as main
