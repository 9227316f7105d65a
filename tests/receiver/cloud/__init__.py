"""The calls of the service, over real connections to one that the tests script."""
