"""One suite of promises that every adapter of the port keeps."""
