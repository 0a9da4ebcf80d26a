"""InterpretableGAN: named control, exact explanations, measured claims.

Importing this package does no work; each public name loads its module on first use.
"""

__version__ = "0.1.0"
