"""Fetches AWS's Runtime Interface Emulator, which the package aws-sam-cli carries."""

import hashlib
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import zipfile

from .fault import Fault

PACKAGE = "aws-sam-cli"
VERSION = "1.170.0"

# SHA-256 of the emulator in that version, by machine: it may be run as root.
DIGESTS = {
    "x86_64": "6b1e686e62ab2baf5759c412c4864276ef2a88b094fca53ec070637ccba9b9a5",
    "arm64": "ec2e5d09633d853834c008b1ef264bf834b258a94d551d2b2074966494b39a21",
}
MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


def emulator_program(folder: pathlib.Path) -> pathlib.Path:
    """The emulator for this machine, fetched into the folder unless it is there."""
    machine = MACHINES.get(platform.machine())
    if platform.system() != "Linux" or machine is None:
        raise Fault(
            "The emulator runs on Linux, x86_64 or arm64; this is "
            f"{platform.system()} {platform.machine()}."
        )
    program = folder / f"aws-lambda-rie-{machine}-{VERSION}"
    if program.exists():
        _check(program.read_bytes(), machine, str(program))
        return program
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        contents = _download(machine, pathlib.Path(scratch))
        _check(contents, machine, f"{PACKAGE} {VERSION}")
        # Written aside and renamed, so that an interrupted fetch leaves nothing half done.
        partial = pathlib.Path(scratch) / "program"
        partial.write_bytes(contents)
        partial.chmod(0o755)
        os.replace(partial, program)
    return program


def _download(machine: str, scratch: pathlib.Path) -> bytes:
    print(f"fetching {PACKAGE} {VERSION}", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--dest", str(scratch), f"{PACKAGE}=={VERSION}"]
    try:
        subprocess.run(command, check=True, timeout=300, stdout=sys.stderr)
    except (subprocess.SubprocessError, OSError) as error:
        raise Fault(f"{PACKAGE} {VERSION} could not be fetched: {error}") from error
    wheels = list(scratch.glob("*.whl"))
    if len(wheels) != 1:
        raise Fault(f"pip left {len(wheels)} wheels of {PACKAGE} {VERSION} instead of one.")
    member = f"samcli/local/rapid/aws-lambda-rie-{machine}"
    with zipfile.ZipFile(wheels[0]) as wheel:
        try:
            return wheel.read(member)
        except KeyError as error:
            raise Fault(f"{PACKAGE} {VERSION} does not contain {member}.") from error


def _check(contents: bytes, machine: str, name: str) -> None:
    digest = hashlib.sha256(contents).hexdigest()
    if digest != DIGESTS[machine]:
        raise Fault(
            f"{name}: the emulator's SHA-256 is {digest}, expected {DIGESTS[machine]}."
        )
