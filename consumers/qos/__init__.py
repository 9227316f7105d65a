"""Quality alerts: one alert for one cause, where the team already looks, and gone when it is over.

The middle (engine/) is pure: records in, decisions out. Its only clock is the time of the records, so that a replay, a
standby and a process that was killed decide as an uninterrupted one would have.
"""
