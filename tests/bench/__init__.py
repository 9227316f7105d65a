"""Figures, measured and printed: `make bench`, or `python -m tests.bench NAME …` for some of them.

Ratios are taken within one run, since machines differ and this one is never quiet; nothing here is an assertion. The
receiver has one core, the load the other; a broker shares the load's.
"""
