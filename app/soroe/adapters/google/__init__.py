"""Google Calendar, read and written through its API v3. Importing this package loads none of Google's libraries."""
