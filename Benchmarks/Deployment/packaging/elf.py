"""Reads from a Linux program which libraries it needs, and which versions of their symbols."""

import dataclasses
import pathlib
import struct

MACHINES = {0x3E: "x86_64", 0xB7: "arm64"}
DYNAMIC_SECTION, VERSION_NEEDS, VERSIONS, DYNAMIC_SYMBOLS = 6, 0x6FFFFFFE, 0x6FFFFFFF, 11
NEEDED_LIBRARY = 1


class NotAProgram(Exception):
    """A file that is no 64-bit little-endian program."""


@dataclasses.dataclass(frozen=True)
class Symbol:
    """A symbol that a program takes from a library, with the version it asks for."""

    name: str
    library: str
    version: str


class Program:
    """The dynamic part of an ELF file (System V ABI, and the LSB's chapter on symbol versions)."""

    def __init__(self, path: pathlib.Path):
        self._bytes = path.read_bytes()
        if self._bytes[:4] != b"\x7fELF" or self._bytes[4:6] != b"\x02\x01":
            raise NotAProgram(f"{path} is no 64-bit little-endian ELF file")
        self.machine = MACHINES.get(self._number("<H", 18), "unknown")
        offset, = struct.unpack_from("<Q", self._bytes, 40)
        size, count = struct.unpack_from("<HH", self._bytes, 58)
        # Name, type, flags, address, offset, size, link, information, alignment, size of an entry.
        self._sections = [
            struct.unpack_from("<IIQQQQIIQQ", self._bytes, offset + index * size)
            for index in range(count)]

    @property
    def libraries(self) -> list[str]:
        """The shared libraries that the program names."""
        section = self._section(DYNAMIC_SECTION)
        if section is None:
            return []
        names = []
        for at in range(section[4], section[4] + section[5], 16):
            tag, value = struct.unpack_from("<QQ", self._bytes, at)
            if tag == NEEDED_LIBRARY:
                names.append(self._text(section, value))
        return names

    @property
    def symbols(self) -> list[Symbol]:
        """The versioned symbols that the program takes from its libraries."""
        needs = self._version_needs()
        section, versions = self._section(DYNAMIC_SYMBOLS), self._section(VERSIONS)
        if section is None or versions is None:
            return []
        found = []
        for index in range(section[5] // 24):
            number = self._number("<H", versions[4] + 2 * index) & 0x7FFF
            if number in needs:
                name, = struct.unpack_from("<I", self._bytes, section[4] + 24 * index)
                found.append(Symbol(self._text(section, name), *needs[number]))
        return found

    def _version_needs(self) -> dict[int, tuple[str, str]]:
        """The library and the version behind each number of the table of versions."""
        section = self._section(VERSION_NEEDS)
        needs: dict[int, tuple[str, str]] = {}
        if section is None:
            return needs
        library = section[4]
        while True:
            _, count, file, first, following = struct.unpack_from("<HHIII", self._bytes, library)
            entry = library + first
            for _ in range(count):
                _, _, number, name, after = struct.unpack_from("<IHHII", self._bytes, entry)
                needs[number] = (self._text(section, file), self._text(section, name))
                entry += after
            if following == 0:
                return needs
            library += following

    def _section(self, kind: int):
        return next((section for section in self._sections if section[1] == kind), None)

    def _text(self, section, offset: int) -> str:
        start = self._sections[section[6]][4] + offset
        return self._bytes[start:self._bytes.index(b"\0", start)].decode()

    def _number(self, form: str, offset: int) -> int:
        return struct.unpack_from(form, self._bytes, offset)[0]


def too_new(symbols: list[Symbol], limits: dict[str, tuple[int, ...]]) -> list[Symbol]:
    """The symbols whose version is above the limit of its family, such as GLIBC."""
    def is_too_new(symbol: Symbol) -> bool:
        family, _, digits = symbol.version.partition("_")
        if family not in limits or not digits[:1].isdigit():
            return False
        return tuple(int(part) for part in digits.split(".")) > limits[family]
    return [symbol for symbol in symbols if is_too_new(symbol)]
