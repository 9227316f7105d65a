"""Finding what was said, and handing it over: the catalogue, searching, showing, packages, the report.

Everything here is derived: the catalogue is made anew from the archive wherever it is missing, and a package holds what
lies in the archive, with the proofs beside it.
"""
