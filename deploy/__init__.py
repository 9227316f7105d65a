"""Puts the parts together: the `meetwire` command, settings, metrics, and the simulator. Nobody imports it."""
