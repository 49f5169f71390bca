"""Times taken side by side, and the rows of the table that they make."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

PATIENCE = 300  # seconds for one command; what takes longer hangs
Taker = Callable[[], float]  # does the thing once, returns what it took
Samples = dict[str, list[float]]


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured, of ours and of something else, and what was aimed at."""

    what: str
    ours: float
    against: str  # what the other is
    other: float
    aim: str = ""  # empty: measured, but nothing was aimed at
    met: bool | None = None
    unit: str = "s"
    kind: str = "ratio"  # or "difference", "growth", "limit"
    samples: Samples = field(default_factory=dict)

    @property
    def value(self) -> float:
        """What is held against the aim."""
        if self.kind == "difference":
            return self.ours - self.other
        return self.ours if self.kind == "limit" else self.ours / self.other


def interleaved(rounds: int, takers: Mapping[str, Taker], warm: int = 1) -> Samples:
    """Take A B C A B C ... so many times, after a warm-up that is not counted."""
    samples: Samples = {name: [] for name in takers}
    for number in range(-warm, rounds):
        for name, take in takers.items():
            value = take()
            if number >= 0:
                samples[name].append(value)
    return samples


def medians(samples: Samples) -> dict[str, float]:
    return {name: statistics.median(values) for name, values in samples.items() if values}


def command(words: Sequence[str], env: Mapping[str, str] | None = None) -> Taker:
    """A taker of the time from a command's start to its end."""

    def take() -> float:
        started = time.perf_counter()
        try:
            ended = subprocess.run(words, env=env, capture_output=True, check=False, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            raise SystemExit(f"{' '.join(words[:4])} ... hangs: no end after {PATIENCE} s") from None
        took = time.perf_counter() - started
        if ended.returncode:
            text = (ended.stdout[-800:] + ended.stderr[-800:]).decode("utf-8", "replace")
            raise SystemExit(f"{' '.join(words[:4])} ... ended with {ended.returncode}:\n{text}")
        return took

    return take


def printed(words: Sequence[str]) -> Taker:
    """A taker of the number that a command prints as its last word."""

    def take() -> float:
        ended = subprocess.run(words, capture_output=True, check=True, text=True, timeout=PATIENCE)
        return float(ended.stdout.split()[-1])

    return take


def scaled(factor: float, take: Taker) -> Taker:
    """For a thing that is too slow to be done in full: a part of it, times the rest."""
    return lambda: take() * factor


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """Keep so many cores busy meanwhile."""
    started = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        time.sleep(0.2)
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


def amid(processes: int, take: Taker) -> Taker:
    """The same with so many other processes busy."""

    def amid_others() -> float:
        with busy(processes):
            return take()

    return amid_others


def duration(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if abs(seconds) < 0.9995 else f"{seconds:.2f} s"
