"""PDF files drawn for these tests."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

CHINESE_FONT = "STSong-Light"


@pytest.fixture(scope="session")
def make_pdf() -> Callable[..., bytes]:
    """Draws pages of lines, 20 points apart from the top; 600 x 800 points a page."""
    pdfmetrics.registerFont(UnicodeCIDFont(CHINESE_FONT))

    def make(*pages: Sequence[str]) -> bytes:
        stream = io.BytesIO()
        canvas = Canvas(stream, pagesize=(600, 800))
        for lines in pages:
            for number, line in enumerate(lines, 1):
                canvas.setFont("Helvetica" if line.isascii() or max(line) < "\u2000" else CHINESE_FONT, 12)
                canvas.drawString(60, 800 - 20 * number - 40, line)
            canvas.showPage()
        canvas.save()
        return stream.getvalue()

    return make


@pytest.fixture(scope="session")
def endless_pdf() -> bytes:
    """A page that draws a drawing ten times, which draws another ten times, and so on: ten thousand million squares."""
    depth = 10
    squares = b"0 0 1 1 re f 9 9 1 1 re f"
    streams = [squares, *(b" ".join([b"/X Do"] * 10) for _ in range(depth))]
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R "
        b"/Resources << /XObject << /X %d 0 R >> >> >>" % (4 + len(streams)),
        b"<< /Length 5 >>\nstream\n/X Do\nendstream",
    ]
    for level, stream in enumerate(streams):
        inner = b"/Resources << /XObject << /X %d 0 R >> >>" % (4 + level) if level else b""
        head = b"<< /Type /XObject /Subtype /Form /BBox [0 0 600 800] %s /Length %d >>" % (inner, len(stream))
        objects.append(head + b"\nstream\n" + stream + b"\nendstream")
    return write_pdf(objects)


def write_pdf(objects: Sequence[bytes]) -> bytes:
    """A file of numbered objects, the first of them its catalog."""
    data, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(data))
    return data + head + table + end
