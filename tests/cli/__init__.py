"""Commands on real HTTP: the program, the sandbox servers, and a terminal that remembers."""
