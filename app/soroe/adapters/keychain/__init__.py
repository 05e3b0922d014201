"""The operating system's keychain, through keyring."""
