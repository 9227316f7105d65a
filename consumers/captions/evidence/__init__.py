"""Evidence: each record as it was read, a line each, in segments per topic and partition. Nothing is derived here.

Lines and cuts follow from the records and where they stand, so whoever writes a segment writes the same one. A segment
is in the store, or on its way there in the spool, before the source is told that its records are done.
"""
