"""What the user and IT have chosen: reading it, checking it, writing it back."""
