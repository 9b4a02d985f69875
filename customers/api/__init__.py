"""The API of customers, segments, channels, history and tokens."""
