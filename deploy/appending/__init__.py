"""How a consumer in a process of its own appends to a local log, which one process alone writes: it asks that one.

`batch` is what goes over, and what of it is taken; `listener` is in the receiver's process, a socket in the log's own
folder; the consumer's side is `deploy.sinks.ReceiverSink`. What was answered is on disk. Where the answer is lost a
batch may be appended twice, under the same IDs: readers take the first of each, as they do everywhere.
"""
