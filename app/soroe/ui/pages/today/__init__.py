"""Today: how every sync does, for ten seconds between two visits."""
