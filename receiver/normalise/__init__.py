"""Turn one push into zero or more events, in our words; one module for each of the service's protocols. Pure."""
