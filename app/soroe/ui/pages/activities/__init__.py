"""Activities: every meeting on either side, and why it stands as it does."""
