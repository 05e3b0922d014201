"""Every trouble that a service can tell of, from what comes over the wire to what the user reads."""
