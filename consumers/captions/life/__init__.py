"""The life of a record in the archive: sealed, held, due, erased, and who had a look at it meanwhile.

`sealing` with `datakeys` and `master` keeps it under keys, `holds` and `retention` say how long it stays, `erasure`
ends it, and `access` writes down whoever touched it.
It refuses to erase what is held, and what the proofs of others need.
"""
