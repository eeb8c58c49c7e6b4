"""Checks a file of somebody else against a release, in a process of its own that ends with the check; nothing of it is stored."""
