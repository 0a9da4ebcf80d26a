"""Disentanglement with known factors: which code says which attribute."""
