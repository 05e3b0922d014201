"""Local servers that behave like the real services, for the demo and the tests: real HTTP, real sign-in pages."""
