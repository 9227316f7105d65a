"""The contract: every shape that crosses a process or a file.

Pushes in the service's words, events in ours, records, topics, settings, the names of log lines and metrics, and
the tables of the local log. Pure: no I/O, no clock; it imports none of the other packages.
"""
