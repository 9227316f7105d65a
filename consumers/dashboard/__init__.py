"""The dashboard: the present of every meeting, live, as a page and as an API.

A projection makes the present of the events; it keeps nothing on disk, and after a restart it is made anew from the
topics. Who may see what is decided here too. The archive and the alerts' desk are handed in by deploy.
"""
