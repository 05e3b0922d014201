"""What the program decides, as pure functions over plain values."""
