"""The captions archive: every caption that had to be kept is there, unchanged, findable, and every alteration shows.

Records come in from a source, and are evidence at once: durable as they were read. When a meeting is over, what is
readable is derived from the evidence, and the ledger says so. The shapes are in schemas/archive, how to check them in
FORMAT.md.
It makes no claim about what the service never sent.
"""
