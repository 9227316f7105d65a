"""What goes out as server-sent events: encoded once, shared by all who read the same."""
