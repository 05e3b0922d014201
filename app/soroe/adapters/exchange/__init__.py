"""The calendar of an Exchange Server mailbox, through Exchange Web Services (2013 to Subscription Edition)."""
