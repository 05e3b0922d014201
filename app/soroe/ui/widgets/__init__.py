"""The few building blocks that all pages share."""
