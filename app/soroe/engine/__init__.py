"""Sequence without decisions: observe, reconcile, apply, report; and when to do so."""
