"""How good generated tables are (SPEC section 7): one metric, one file."""
