"""Tables that others publish, written as Turtle that people can read."""
