"""The present of every meeting, made of events. Pure: no I/O, no clock.

Each topic of a meeting is folded for itself, in its own order; what is shown is joined from these parts when somebody
looks. So it does not matter how the topics come in between each other, and every replica shows the same.
"""
