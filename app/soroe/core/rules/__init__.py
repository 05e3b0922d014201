"""The rules of form, one family a file."""
