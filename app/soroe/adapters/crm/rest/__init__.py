"""The generic CRM REST contract, and CRMs that a profile maps onto it."""
