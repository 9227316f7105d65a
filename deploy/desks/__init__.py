"""Desks: what one consumer has and another's people work with, as schemas have it. Only deploy knows both."""
