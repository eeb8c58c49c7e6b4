"""A client of the application in this process, which asks as a browser does and reads what people read."""

import csv
import io
import re
from html import unescape

from starlette.testclient import TestClient

from api.app import create_app
from kg.config import Settings
from kg.release import Release

HTML = {"Accept": "text/html"}


class Client(TestClient):
    """A client of an application; it follows no redirect, and gets a fault of the server as its answer."""

    def __init__(self, app, **options):
        super().__init__(app, **{"follow_redirects": False, "raise_server_exceptions": False, **options})

    def browse(self, path, **options):
        """Ask for a page as a browser does; the answer."""
        return self.get(path, headers=HTML, **options)

    def page(self, path, status=200, **options):
        """Ask for a page, which has this status unless it may have any; its markup."""
        answer = self.browse(path, **options)
        assert status in (None, answer.status_code), answer.text[-2000:]
        return answer.text

    def words(self, path, status=200, **options):
        """Ask for a page, which has this status; what people read of it."""
        return words(self.page(path, status, **options))

    def table(self, path, **options):
        """Ask for CSV; its rows."""
        return [*csv.DictReader(io.StringIO(self.get(path, **options).text))]

    def data(self, path, **options):
        """Ask for JSON; what it holds."""
        return self.get(path, headers={"Accept": "application/json"}, **options).json()


def start(served, *, client=("testclient", 50000), base_url="http://testserver", **settings):
    """Start the application on a release or a folder of them, with one worker of each kind unless the settings say more; a client."""
    out = served.path.parent if isinstance(served, Release) else served
    few = {"workers": 1, "page_workers": 1, "hosts": base_url.partition("//")[2]}
    given = Settings.load(env={}, out=out, **(few | settings))
    return Client(create_app(given), client=client, base_url=base_url)


def words(markup):
    """Leave the tags of a page out, and the spaces that they leave before a comma."""
    return re.sub(" (?=[.,:;])", "", " ".join(unescape(re.sub(r"<[^>]*>", " ", markup)).split()))
