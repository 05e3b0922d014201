"""The mirror of events in appointments (OD-1 to OD-9), by the real connector on the played service."""
