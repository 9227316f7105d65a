"""Write the contract down for readers in any language: a JSON Schema for each event, and one AsyncAPI document.

Everything is derived from schemas/: types, docstrings, topics and samples. Nothing about an event is said here.
"""
