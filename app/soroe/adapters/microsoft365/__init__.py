"""A Microsoft 365 calendar, read and written through Graph. Importing this package loads no library of Microsoft's."""
