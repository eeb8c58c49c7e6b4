"""A finished release in another SPARQL server, and answers from there.

What an operator has to know:

- `kg publish --to http://USER:PASSWORD@HOST/sparql` puts the current release there, for a user who may write; the server must
  offer SPARQL 1.1 Update and the Graph Store Protocol. Killed or cut off, it is run again; the release before answers on meanwhile.
- `kg serve --engine http://HOST/sparql` answers from there, as long as the current release is there whole; it follows to the next
  one once that is published. The release folder may lack its store: only the search index and the files are used of it.
- A release lies in one graph, `release/<id>/merge`, and a copy of each of its graphs; queries see no other. `kg publish` keeps the
  release and the one published before. No server that is tested has several data sets at one address, in which two releases
  could have graphs of the same name; that is why the graphs have other names there, and queries are rewritten.
- Set the server's own time limit a little above ANSWERABLE_DEADLINE, for a query that is given up here may still run there
  (`oxigraph serve --timeout-s`; Virtuoso `MaxQueryExecutionTime`), and no limit of rows below ANSWERABLE_MAX_ROWS.
- What the store answers is published too. A question, list or page whose query the server answers otherwise is refused by its name.
- Other queries are answered as that server answers them: Oxigraph as here, Virtuoso 7 some otherwise than the standard says
  (tests/test_virtuoso.py lists it). Give Virtuoso `ThreadsPerQuery = 1`.
"""
