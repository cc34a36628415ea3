"""`qrscp`; its program can be started as a script file, too."""

from pynetdicom.apps.qrscp.qrscp import main as main
