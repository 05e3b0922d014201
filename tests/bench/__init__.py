"""What the product costs, measured side by side with a peer on the same machine: `python -m tests.bench`."""
