"""A release of RDF that is loaded as it is: neither judged nor reasoned over, for tests of what is done with any release."""

from kg.build import inputs, pipeline
from kg.build.report import Report
from kg.names import Guard

FOLDERS = ("questions", "records", "search")


class Loading(pipeline.Build):
    """A build whose sources are graphs that a function puts into its store."""

    fill = None

    def read(self):
        """Read the questions of the project alone."""
        root, self.started = self.settings.root, "2026-01-01T00:00:00.000Z"
        queries = [query for name in FOLDERS for query in inputs.read_queries(root, name)]
        self.inputs = inputs.Inputs([], queries, Guard.read(root))

    def load(self):
        """Load the graphs."""
        self.fill(self.store)
        self.report = Report((), 0, inputs.count(self.store))

    def validate(self):
        """Judge nothing."""

    def infer(self):
        """Derive nothing."""
        self.store.copy_named_into_default()

    def check(self):
        """Check nothing."""


def build(settings, fill, **options):
    """Make a release of what `fill` puts into a store, whatever releases there are, and switch to it."""
    made = Loading(settings, force=True, **options)
    made.fill = fill
    return made.run()


def graph(data, name, form="ttl"):
    """Make the function that loads a text into a graph of this name; without a name, into the graphs that it names."""
    return lambda store: store.load(data, format=form, graph=name, source="test")
