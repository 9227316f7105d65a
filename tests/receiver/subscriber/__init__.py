"""The subscriber: meetings found, owned, listened to."""
