"""The packed 4-bit file: blocks worked out by hand, and files that are not one."""

import struct

import numpy as np
import pytest

from search_core.embedders.bundled import PackedFile
from search_core.embedders.packed_model import read_packed, unpack_blocks


def test_a_block_holds_first_half_in_low_and_second_half_in_high_nibbles() -> None:
    block = struct.pack("<e16B", 0.5, 0x80, 0xF1, *[0x88] * 14)
    expected = np.zeros(32)
    expected[0], expected[1] = (0 - 8) * 0.5, (1 - 8) * 0.5
    expected[16], expected[17] = (8 - 8) * 0.5, (15 - 8) * 0.5
    np.testing.assert_array_equal(unpack_blocks(block), expected)


def test_directory_and_tokenizer_are_read(packed: PackedFile) -> None:
    model = read_packed(packed.path.read_bytes())
    assert (model.shape.hidden, model.shape.layers, model.shape.positions) == (32, 1, 48)
    assert model.pieces[0] == ("<s>", -1.0)
    assert "乐" in [piece for piece, _ in model.pieces]
    assert model.specials == {"bos": 0, "eos": 2, "pad": 1, "unk": 3}
    assert model.unpack("l0.fi.w").shape == (64 * 32,)
    np.testing.assert_array_equal(model.unpack("emb.ln.w"), np.ones(32))


@pytest.mark.parametrize("kept", [0, 3, 8, 40, 200])
def test_a_file_cut_short_is_refused(packed: PackedFile, kept: int) -> None:
    with pytest.raises((ValueError, struct.error)):
        read_packed(packed.path.read_bytes()[:kept])


def test_another_version_is_refused(packed: PackedFile) -> None:
    data = bytearray(packed.path.read_bytes())
    data[4] = 2
    with pytest.raises(ValueError, match="known version"):
        read_packed(data)
