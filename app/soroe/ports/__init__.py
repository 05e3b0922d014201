"""Everything the engine needs from outside, as Protocols, and the errors they raise."""
