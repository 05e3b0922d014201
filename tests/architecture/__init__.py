"""How the product is built, checked."""
