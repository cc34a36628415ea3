"""Benchmarks beside DCMTK and pynetdicom 3; start them with `python benchmarks/run.py`."""
