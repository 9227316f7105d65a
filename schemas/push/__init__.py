"""Pushes as the service spells them, one module for each of its two protocols."""
