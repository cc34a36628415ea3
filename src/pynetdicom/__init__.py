"""DICOM networking for Python."""
