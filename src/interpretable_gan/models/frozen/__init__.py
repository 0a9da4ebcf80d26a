"""Generators that somebody else trained: read, explained and steered, never changed."""
