"""What reads events: the runtime, its two sources, and the consumers that ship with meetwire.

Whatever the source, a consumer sees the records of a topic's partition in order, each position of a log once, and
after a restart nothing that it had committed. Nothing here imports the receiver.
"""
