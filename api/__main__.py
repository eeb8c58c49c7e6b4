"""Prints the README's table of routes."""

from api.app import create_app
from api.openapi import write_table
from kg.config import Settings

print(write_table(create_app(Settings.load(env={}))), end="")
