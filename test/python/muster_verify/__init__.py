"""A second reader and verifier of the Muster protocol, suite 1, made from docs/protocol.md alone."""
