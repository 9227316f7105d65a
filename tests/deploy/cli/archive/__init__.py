"""Tests of `meetwire archive`."""
