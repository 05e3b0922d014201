"""CRMs: one folder per way of speaking, and what they share."""
