"""The dashboard's API under /api/v1: what it answers and what it is asked, one module a part of it.

Its page and other programs read the same. Times are aware and UTC, units stand in the names, null is "not known".
Members are only ever added. The OpenAPI document is made of these.
"""
