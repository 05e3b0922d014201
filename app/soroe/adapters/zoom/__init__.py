"""Zoom: links to online meetings."""
