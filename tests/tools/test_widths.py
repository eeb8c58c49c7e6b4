"""The script that measures the font of the pictures."""

from kg.picture import canvas
from tools import widths


def test_the_script_writes_the_file_anew(tmp_path, monkeypatch):
    written = canvas.WIDTHS.read_bytes()
    monkeypatch.setattr(widths, "WIDTHS", tmp_path / "widths.json")
    widths.main()
    assert written == widths.WIDTHS.read_bytes()
