"""The command lines of the scripts, which look alike."""

import argparse
import pathlib


def parser_of(script: str, text: str) -> argparse.ArgumentParser:
    """A parser whose help begins with a text, with the options that all scripts have.

    The script's folder is the name that Benchmarks/run knows it by.
    """
    name = pathlib.Path(script).resolve().parent.name
    parser = argparse.ArgumentParser(
        prog=f"Benchmarks/run {name}", description=text.strip(),
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--skip-build", action="store_true", help="run what was built before")
    parser.add_argument(
        "--scratch-path", metavar="DIR", help="where swift build keeps its products")
    return parser


def add_program(parser: argparse.ArgumentParser) -> None:
    """Adds the option for a program that was built elsewhere."""
    parser.add_argument(
        "--program", type=pathlib.Path, metavar="FILE", help="the program, if it is built already")
