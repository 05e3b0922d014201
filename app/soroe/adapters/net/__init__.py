"""The network as every adapter uses it: trusted, bounded, counted and paced."""
