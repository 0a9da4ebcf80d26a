"""How good generated images are, measured on features (SPEC section 6): one metric, one file."""
