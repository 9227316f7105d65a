"""The subscriber: for every meeting that is on one subscription, opened, kept, and closed by itself."""
