"""Builds the function under test and its database, and says what it sees of Lambda."""

import os
import pathlib
import subprocess
import sys

from .fault import Fault

PACKAGE = pathlib.Path(__file__).resolve().parent.parent.parent
# Functions that need only this library.
SMALL_PACKAGE = PACKAGE / "Support/SmallFunctions"

# Flags for a small program, which is loaded at every cold start: code for size, unused code left
# out, no symbols. The compiler marks every public function as used unless the program is said to
# be all there is, and the linker leaves out only whole sections: 0.5 MB.
SMALL = [
    "-Xswiftc", "-Osize",
    "-Xswiftc", "-Xfrontend", "-Xswiftc", "-internalize-at-link",
    "-Xswiftc", "-Xfrontend", "-Xswiftc", "-function-sections",
    "-Xlinker", "--gc-sections", "-Xlinker", "--no-export-dynamic", "-Xlinker", "-s"]


def small_function_program(
    product: str, scratch_path: str | None, skip_build: bool
) -> pathlib.Path:
    """The program of a function that needs only this library, as small as it gets."""
    scratch = pathlib.Path(scratch_path or PACKAGE / ".build") / "small"
    return function_program(product, str(scratch), skip_build, SMALL_PACKAGE, SMALL)


def function_program(
    product: str,
    scratch_path: str | None,
    skip_build: bool,
    package: pathlib.Path = PACKAGE,
    flags: list[str] | None = None,
) -> pathlib.Path:
    """The program of a product, built in release with the Swift libraries linked in.

    Static linking is what a function is deployed with: the Lambda image has no Swift libraries.
    """
    command = ["swift", "build", "--package-path", str(package), "--configuration", "release"]
    command += ["--static-swift-stdlib", "--product", product] + (flags or [])
    if scratch_path is not None:
        command += ["--scratch-path", scratch_path]
    if not skip_build:
        print(f"building {product}", file=sys.stderr, flush=True)
        if subprocess.run(command, stdout=sys.stderr).returncode != 0:
            raise Fault(f"{product} does not build.")
    located = subprocess.run(command + ["--show-bin-path"], stdout=subprocess.PIPE, text=True)
    if located.returncode != 0:
        raise Fault(f"swift build does not say where {product} is.")
    program = pathlib.Path(located.stdout.strip()) / product
    if not program.is_file():
        raise Fault(f"There is no {program}: run without --skip-build.")
    return program


def prepare_database(program: pathlib.Path) -> str:
    """The path of the database of users, created unless it is there."""
    prepared = subprocess.run([str(program), "prepare"], stdout=subprocess.PIPE, text=True)
    if prepared.returncode != 0:
        raise Fault("The database of users could not be created.")
    return prepared.stdout.strip()


def lambda_environment(name: str, megabytes: int, timeout: int = 30) -> dict[str, str]:
    """The variables that Lambda sets for a function of that name and memory; its timeout is in seconds."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(megabytes),
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout),
    }
