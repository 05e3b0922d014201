"""History: what was done, and how to take it back."""
