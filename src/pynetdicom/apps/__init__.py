"""Programs: arguments, calls of the library, printed lines.

`python -m pynetdicom` starts them; `common` has what programs of users may want, too.
"""
