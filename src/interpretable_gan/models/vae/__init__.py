"""Variational autoencoders with named, discovered and unnamed parts."""
