"""Functions that fail, are killed, or get large events: each case against the emulator."""

import concurrent.futures
import json
import os
import pathlib
import signal
import time
from collections.abc import Callable

from harness.emulator import Emulator, Invocation
from harness.fault import Fault
from harness.function import lambda_environment
from harness.image import Image, NoImage

# Lambda's limit on a payload is 6 MB; a JSON string of that many bytes.
LARGEST = b'"' + b"x" * (6 * 1_048_576 - 2) + b'"'


class Probes:
    """Plays every case, prints a line for each, and raises at the first wrong answer."""

    def __init__(self, emulator: pathlib.Path, function: pathlib.Path):
        self._emulator = emulator
        self._function = function

    def play(self) -> None:
        """Plays all cases."""
        print(f"\n{'case':<44} {'what came back':<56} {'took':>9}")
        for environment, cases in [
            ({}, [self._payloads, self._errors, self._killed]),
            ({"AWS_LAMBDA_FUNCTION_TIMEOUT": "1"}, [self._timeout]),
            ({"PROBE_STREAMS": "1"}, [self._streams]),
        ]:
            self._play(environment, cases)
        try:
            managed = Image(self._function)
        except NoImage as reason:
            print(f"Managed Instances: skipped, {reason}")
            return
        for environment, cases in [
            ({"AWS_LAMBDA_MAX_CONCURRENCY": "4"}, [self._at_once, self._terminated]),
            ({"AWS_LAMBDA_MAX_CONCURRENCY": "2", "PROBE_STREAMS": "1"}, [self._stream_errors]),
        ]:
            self._play(environment, cases, managed)

    def _play(
        self,
        environment: dict[str, str],
        cases: list[Callable[[Emulator], None]],
        enclosure: Image | None = None,
    ) -> None:
        variables = lambda_environment("probe", 128) | environment
        with Emulator(self._emulator, self._function, variables, enclosure) as running:
            for case in cases:
                case(running)

    def _payloads(self, running: Emulator) -> None:
        for name, event, in_chunks in [
            ("event of 6 MB, response of 6 MB", LARGEST, False),
            ("event of 100 KB, which is posted in chunks", LARGEST[:100_000], True),
            ("empty event", b"", False),
        ]:
            answer = running.invoke(event, in_chunks=in_chunks)
            row(name, f"{answer.status}, {len(answer.body):,} bytes", answer)
            expect(answer.status == 200 and answer.body == event, "the echo differs", answer.status)

    def _errors(self, running: Emulator) -> None:
        process = running.function_process
        for name, event, error_type in [
            ("handler error", b'"throw"', "Refusal"),
            ("response over 6 MB", b'"exceed"', "Function.ResponseSizeTooLarge"),
        ]:
            answer = running.invoke(event)
            row(name, f"{answer.status}, error {answer.json().get('errorType')}", answer)
            expect(answer.status == 200, "the status is not 200", answer.status)
            expect(answer.json().get("errorType") == error_type, "another error", answer.json())
        expect(process == running.function_process, "the process is another one", process)

    def _killed(self, running: Emulator) -> None:
        warm = running.invoke(b'"count"').json()
        expect(warm > 1, "the process has forgotten its invocations", warm)
        process = running.function_process
        answer = running.invoke(b'"die"')
        row("process that is killed", f"{answer.status}, {answer.json().get('errorType')}", answer)
        expect(answer.status == 502, "the status is not 502", answer.status)
        expect(answer.json()["errorType"] == "Runtime.ExitError", "another error", answer.json())
        self._starts_cold(running, process)

    def _timeout(self, running: Emulator) -> None:
        expect(running.invoke(b'"count"').json() == 1, "not the first invocation", None)
        process = running.function_process
        answer = running.invoke(b'"hang"')
        text = answer.body.decode()
        row("handler that outlasts its second", f"{answer.status}, {text}", answer)
        expect("timed out after 1" in text, "no time-out", text)
        self._starts_cold(running, process)

    def _starts_cold(self, running: Emulator, former: int | None) -> None:
        answer = running.invoke(b'"count"')
        row("  the next invocation", f"{answer.status}, invocation {answer.json()}", answer)
        expect(answer.json() == 1, "the environment is not a fresh one", answer.json())
        expect(running.function_process != former, "the process is the same", former)

    def _streams(self, running: Emulator) -> None:
        answer = running.invoke(b"pieces")
        row("streamed response", f"{answer.status}, {answer.body.decode()}", answer)
        expect(answer.body == b"pieces", "the pieces differ", answer.body)
        many = running.invoke(LARGEST[:10_000])
        row("streamed response of 10,000 pieces", f"{many.status}, {len(many.body):,} bytes", many)
        expect(many.body == LARGEST[:10_000], "the pieces differ", many.status)
        answer = running.invoke(b'"http"')
        head, _, body = answer.body.partition(b"\0" * 8)
        row("streamed HTTP response", f"{head.decode()[:32]}…, 8 NULs, {body.decode()}", answer)
        expect(
            json.loads(head)
            == {"statusCode": 201, "headers": {"X-Probe": "yes"}, "cookies": ["a=1"]},
            "another head", head)
        answer = running.invoke(b'"throw"')
        row("stream that fails at once", f"error {answer.json().get('errorType')}", answer)
        expect(answer.json().get("errorType") == "Refusal", "another error", answer.json())
        after = running.invoke(b"next")
        expect(after.body == b"next", "the environment does not go on", after.body)

    def _at_once(self, running: Emulator) -> None:
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            started = time.perf_counter()
            pending = [pool.submit(self._meet, running) for _ in range(4)]
            answers = [each.result() for each in pending]
            milliseconds = (time.perf_counter() - started) * 1000
        names = {answer.json() for answer in answers}
        row("four invocations that wait for each other", f"{len(names)} answers",
            Invocation(200, b"", milliseconds))
        expect(len(names) == 4, "answers were mixed up", names)

    def _meet(self, running: Emulator) -> Invocation:
        """Invokes, again if the emulator refuses since not all tasks of the function ask yet."""
        deadline = time.monotonic() + 10
        while True:
            answer = running.invoke_at_once(b'"meet"')
            if answer.status == 200 or time.monotonic() > deadline:
                expect(answer.status == 200, "the function was not ready", answer.body)
                return answer
            time.sleep(0.01)

    def _terminated(self, running: Emulator) -> None:
        process = running.function_process
        expect(process is not None, "there is no function", process)
        os.kill(process, signal.SIGTERM)
        started = time.perf_counter()
        wait_until(lambda: running.function_process != process, seconds=5)
        milliseconds = (time.perf_counter() - started) * 1000
        row("SIGTERM while four requests wait", "ended", Invocation(200, b"", milliseconds))

    def _stream_errors(self, running: Emulator) -> None:
        answer = running.invoke(b"abc")
        mode = answer.fields.get("Lambda-Runtime-Function-Response-Mode")
        row("streamed response, managed instance", f"{answer.body.decode()}, {mode}", answer)
        expect(answer.body == b"abc" and mode == "streaming", "no stream", answer.fields)
        answer = running.invoke(b"ab!c")
        kind = answer.fields.get("Error-Type")
        row("stream that fails midway", f"{kind}, {answer.body.decode()}"[:56], answer)
        expect(kind == "Function.Refusal", "another error", answer.fields)
        expect(answer.json()["errorMessage"] == "as asked for", "another message", answer.json())


def row(name: str, text: str, answer: Invocation) -> None:
    """Prints one case."""
    print(f"{name:<44} {text:<56} {answer.milliseconds:>6.1f} ms", flush=True)


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    """Waits for a state of another process."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Fault(f"It did not happen within {seconds:g} s.")
        time.sleep(0.005)


def expect(condition: bool, problem: str, found: object) -> None:
    """Raises with what was found instead."""
    if not condition:
        raise Fault(f"{problem}: {found}")
