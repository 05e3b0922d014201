"""Draws what the engine tells: the tray, the window and every word of the program."""
