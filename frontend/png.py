"""Small grey images from their pixels, as a PNG in a data address: nothing to upload, nothing to fetch. Pure."""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode
from collections.abc import Sequence

SIDE = 256  # about so wide, so that eight by eight is seen on a phone


def grey_png(pixels: Sequence[int], *, width: int, height: int, highest: int) -> str:
    """A data address of the image: 0 is paper, `highest` is ink, each pixel a square of several."""
    scale = max(1, SIDE // max(width, height))
    rows = bytearray()
    for y in range(height):
        row = bytes(255 - 255 * pixels[y * width + x] // highest for x in range(width) for _square in range(scale))
        rows += (b"\0" + row) * scale
    header = struct.pack(">IIBBBBB", width * scale, height * scale, 8, 0, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    )
    return "data:image/png;base64," + b64encode(png).decode()
