"""`findscu`; its program can be started as a script file, too."""

from pynetdicom.apps.findscu.findscu import main as main
