"""The text of a query: what it asks, what is refused, what is wrong with it."""

from kg.sparql.mistakes import ParserMessage, explain
from kg.sparql.refusals import guard, refuse_federation
from kg.sparql.tokens import BASE, FORMS, Outline, Token, locate, read_form, read_outline, scan, strip_quoted
