"""The dashboard's HTTP server: the API, and the files of the page."""
