"""A salesperson's fortnight, on a CRM and a calendar of its own: what `soroe demo` shows."""
