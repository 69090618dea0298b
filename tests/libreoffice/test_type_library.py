"""The type library, against what LibreOffice's own program writes."""

from cpa_xl.libreoffice.extension import UnoMethod, type_library

# unoidl-write of LibreOffice 25.2.3 made these bytes of
#   module cpaxl { interface XSmall {
#     any CPA_ONE([in] any first, [in] com::sun::star::table::XCellRange cells);
#     any CPA_TWO([in] any first);
#     any EACH([in] double value); }; };
BANNER = b"\0** Created by LibreOffice 25.2.3.2 unoidl-write **\0"
WRITTEN = bytes.fromhex(
    "554e4f49444cff002901000001000000" + BANNER.hex() +
    "05010000001b000000636f6d2e73756e2e737461722e756e6f2e58496e746572666163650000000000000000"
    "03000000070000004350415f4f4e4503000000616e7902000000000500000066697273747f00008000050000"
    "0063656c6c731d000000636f6d2e73756e2e737461722e7461626c652e5843656c6c52616e67650000000007"
    "0000004350415f54574f7f00008001000000008b0000807f0000800000000004000000454143487f00008001"
    "000000000500000076616c756506000000646f75626c650000000058536d616c6c0000010000000f01000044"
    "000000637061786c002301000016010000"
)  # fmt: skip
CELLS = "com.sun.star.table.XCellRange"
METHODS = (
    UnoMethod("CPA_ONE", "any", (("first", "any"), ("cells", CELLS))),
    UnoMethod("CPA_TWO", "any", (("first", "any"),)),
    UnoMethod("EACH", "any", (("value", "double"),)),
)


def test_the_bytes_are_those_of_libreoffice() -> None:
    assert type_library("cpaxl.XSmall", METHODS, BANNER) == WRITTEN


def test_without_a_banner_only_the_offsets_differ() -> None:
    assert len(type_library("cpaxl.XSmall", METHODS)) == len(WRITTEN) - len(BANNER)
