"""Quality where the service does not push it: asked for within a budget, published as the same event."""
