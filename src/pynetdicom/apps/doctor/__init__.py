"""`doctor`; its program can be started as a script file, too."""

from pynetdicom.apps.doctor.doctor import main as main
