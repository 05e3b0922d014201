"""What Microsoft's two calendars, Exchange Server and Microsoft 365, have in common."""
