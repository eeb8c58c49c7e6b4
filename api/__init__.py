"""The server: HTTP in front of the releases. It reads a release and writes nothing."""
