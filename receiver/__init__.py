"""Takes the service's pushes in, and nothing else: verify, decode, normalise, log, forward.

`pipeline` is the way of the data on one screen. verify, decode and normalise are pure; `log` is the promise behind
every 200; `forward` publishes the log to Kafka.
"""
