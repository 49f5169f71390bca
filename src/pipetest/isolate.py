"""The parent side of isolation: start workers, hand them attempts, get one Outcome an attempt.

    Pool ── one Worker an interpreter ── J lanes (socket pairs), each served by a keeper
      submit(key, Attempt)  ->  a free lane of its interpreter's worker, or the queue
      next()                ->  (key, Outcome), as attempts end

The worker's side, and what goes over a lane, is drawn in ``_worker.py``. A worker that dies while it
preloads is started again without the module that it died of. A lane whose keeper was ended by a step
answers ``lost``; so does a worker that is gone.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import subprocess
import time
from collections import deque
from collections.abc import Hashable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipetest.guard_files import guard_environment, lay_guard, records_of

WORKER = str(Path(__file__).with_name("_worker.py"))
QUEUED = 2  # loads that a lane has at hand, so that its keeper need not wait for us between two
PRELOAD_SECONDS = 120.0  # for a worker to import one module
RESTARTS = 4  # of workers that died of a preload; after so many, nothing is preloaded
SCRATCH = ("work", "home", "tmp")  # of a lane's loads
LOG = "worker.log"
STOP_SECONDS = 1.5  # for workers to end their steps and themselves; then they are killed

WITHOUT_NAMESPACES = "PIPETEST_NO_NAMESPACES"  # variable: do as where the system refuses them

Root = tuple[str, tuple[str, ...]]  # a module, and the names that scripts import from it
_Key = tuple[str, bool]  # of a worker: its interpreter, and whether its steps have a network


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a step, ready to be started."""

    mode: str  # "load", "script", "main" or "command"
    path: str  # of the script; empty for a command
    argv: tuple[str, ...]
    env: Mapping[str, str]
    timeout: float  # seconds
    python: str
    folder: str = ""  # holds work/ (to start in); gets log.txt. Empty for a load: its lane has one
    sys_path: tuple[str, ...] = ()  # goes before the interpreter's own
    package: str | None = None
    given: Mapping[str, Any] = field(default_factory=dict)  # what main() receives, by parameter name
    fresh: bool = False
    keep: tuple[str, ...] = ()  # what must stay visible of /tmp, which the step gets for its own
    source: str = ""  # where the script lies, when ``path`` is what it will be called in the container
    container: Mapping[str, str] = field(default_factory=dict)  # "tree": what is to be /opt/ml; "cwd"
    network: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended, as seen from outside, and what the step said of itself."""

    exit_code: int | None = None
    signal: str | None = None  # its name, for a step that a signal ended
    timed_out: bool = False
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    max_rss_mb: float = 0.0
    fresh: bool = False
    answer: Mapping[str, Any] | None = None  # None: it ended before it could say
    left: tuple[str, ...] = ()  # command lines of processes that it left running
    tail: str = ""  # of the log, for a load
    record: tuple[Mapping[str, Any], ...] = ()  # what the guards wrote down: see ``_worker_guard``
    lost: str | None = None  # why nothing is known of its end
    unusable: str | None = None  # why its interpreter could not start it


@dataclass(frozen=True, slots=True)
class Refusal:
    """A module that was not preloaded, and why."""

    module: str
    reason: str


class WorkerError(Exception):
    """An interpreter that cannot run our worker. The text says which and why."""


class _Lane:
    """Our end of the line to one keeper, and what it has been asked."""

    def __init__(self, folder: Path, python: str | None = None) -> None:
        self.ours, self.theirs = socket.socketpair()
        self.buffer = b""
        self.waiting: dict[int, tuple[Hashable, Attempt]] = {}
        self.folder = folder  # where its loads live; the keeper empties it between two
        for name in SCRATCH:
            (folder / name).mkdir(parents=True, exist_ok=True)
        if python:  # not for the control line, on which no step is started
            lay_guard(folder / "guard", python)

    def places(self) -> dict[str, str]:
        """The variables that name folders of its own."""
        return {"HOME": f"{self.folder}/home", "TMPDIR": f"{self.folder}/tmp"}

    def request(self, attempt: Attempt, number: int) -> dict[str, Any]:
        """The line that asks the keeper for an attempt."""
        folder = attempt.folder or str(self.folder)
        env = dict(attempt.env) if attempt.folder else {**attempt.env, **self.places()}
        guard = self.folder / "guard"
        env = guard_environment(env, guard, attempt.network)
        site = env["PYTHONPATH"].partition(os.pathsep)[0]
        return {
            **{name: getattr(attempt, name) for name in Attempt.__slots__},
            "id": number,
            "cwd": f"{folder}/work",
            "env": env,
            "log": f"{folder}/log.txt",
            "answer": f"{folder}/answer.json",
            "record": f"{guard}/record",
            # A fresh interpreter finds it by PYTHONPATH.
            "sys_path": attempt.sys_path if attempt.fresh else [*attempt.sys_path, site],
            "scratch": () if attempt.folder else [f"{folder}/{name}" for name in SCRATCH],
        }

    def send(self, message: Mapping[str, Any]) -> None:
        self.ours.sendall(json.dumps(message).encode("ascii") + b"\n")

    def receive(self) -> list[dict[str, Any]] | None:
        """The messages that have arrived; None at the end of the file."""
        try:
            data = self.ours.recv(1 << 20)
        except ConnectionResetError:
            data = b""
        if not data:
            return None
        *lines, self.buffer = (self.buffer + data).split(b"\n")
        return [json.loads(line) for line in lines]


class _Worker:
    """One interpreter, its control line and its lanes."""

    def __init__(
        self, key: _Key, env: Mapping[str, str], roots: Sequence[Root], lanes: int, folder: Path
    ) -> None:
        self.key, self.folder = key, folder
        self.python = key[0]
        python, network = key
        self.control = _Lane(folder / "control")
        self.lanes = [_Lane(folder / f"lane-{number}", python) for number in range(lanes)]
        self.top_level: frozenset[str] | None = None  # names that it holds preloaded; None until it is ready
        self.preloading: str | None = None  # the module that it is importing
        self.failed: list[Refusal] = []
        descriptors = [lane.theirs.fileno() for lane in (self.control, *self.lanes)]
        try:
            with (folder / LOG).open("ab") as output:
                self.process = subprocess.Popen(
                    [python, WORKER, *map(str, descriptors)],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    env={**env, **self.control.places()},
                    pass_fds=descriptors,
                    start_new_session=True,  # Ctrl-C is for us; we pass it on
                )
        except OSError as error:
            self.close()
            raise WorkerError(f"{python} cannot be started: {error.strerror}") from error
        finally:
            for lane in (self.control, *self.lanes):
                lane.theirs.close()
        with suppress(OSError):  # it has ended already; its end-of-file says so
            namespaces = WITHOUT_NAMESPACES not in os.environ
            self.control.send({"preload": roots, "network": network, "namespaces": namespaces})

    def close(self) -> None:
        """Hang up: keepers end their steps and go."""
        for lane in (self.control, *self.lanes):
            lane.ours.close()

    def stop(self, seconds: float) -> None:
        """Wait for the end of a worker that was hung up on; kill it when that takes too long."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Pool:
    """Runs attempts, each in a process of its own, so many at a time.

    ``env`` maps interpreters to what their workers start with, ``folder`` is an existing folder for logs
    and scratch, and ``roots`` are the modules that each worker imports once for all of its attempts.
    """

    def __init__(
        self,
        jobs: int,
        env: Mapping[str, Mapping[str, str]],
        folder: Path,
        roots: Mapping[str, Sequence[Root]],
    ) -> None:
        self.jobs, self.env, self.roots = jobs, env, dict(roots)
        self.folder = folder
        self.refusals: list[Refusal] = []
        self.queue: deque[tuple[Hashable, Attempt]] = deque()
        self.done: deque[tuple[Hashable, Outcome]] = deque()
        self._workers: dict[_Key, _Worker] = {}
        self._selector = selectors.DefaultSelector()
        self._number = self._starts = self._restarts = 0

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End every attempt and every worker. Returns within two seconds."""
        for worker in self._workers.values():
            worker.close()
        deadline = time.monotonic() + STOP_SECONDS
        for worker in self._workers.values():
            worker.stop(max(0.0, deadline - time.monotonic()))
        self._workers.clear()
        self._selector.close()

    def preloaded(self, python: str) -> frozenset[str]:
        """Wait until the interpreter's worker is ready. The top-level modules that it holds preloaded.

        Raises WorkerError for an interpreter that cannot be used.
        """
        while (worker := self._worker(python)).top_level is None:
            worker.control.ours.settimeout(PRELOAD_SECONDS)
            try:
                messages = worker.control.receive()
            except TimeoutError:
                os.killpg(worker.process.pid, signal.SIGKILL)  # its end-of-file comes next
                continue
            if messages is None:
                self._restarted(worker)
            for message in messages or ():
                self._note(worker, message)
        return worker.top_level

    def find(self, python: str, names: Iterable[str]) -> frozenset[str]:
        """Which of these top-level modules the interpreter can find. Imports none of them.

        To be asked before anything is submitted. Raises WorkerError.
        """
        return frozenset(self._ask_first(python, {"find": sorted(names)}))

    def versions(self, python: str, names: Iterable[str]) -> dict[str, str | None]:
        """The version of each installed distribution, None where there is none; "python" is its own.

        To be asked before anything is submitted. Raises WorkerError.
        """
        return dict(self._ask_first(python, {"versions": sorted(names)}) or {})

    def _ask_first(self, python: str, question: Mapping[str, Any]) -> Any:
        self.preloaded(python)
        worker = self._worker(python)
        lane = worker.lanes[0]
        with suppress(OSError):  # its end-of-file says it better
            lane.send(question)
        while (messages := lane.receive()) is not None:
            for message in messages:
                return message["found"]
        raise WorkerError(f"{python} cannot run pipetest's worker: {_last_words(worker)}")

    def submit(self, key: Hashable, attempt: Attempt) -> None:
        """Queue an attempt. Its outcome comes from ``next`` under this key."""
        self.queue.append((key, attempt))
        self._feed()

    def next(self) -> tuple[Hashable, Outcome]:
        """Wait for the next attempt to end. Raises IndexError when none is under way."""
        while not self.done:
            if not self.queue and not any(lane.waiting for w in self._workers.values() for lane in w.lanes):
                raise IndexError("no attempt is under way")
            self._feed()
            if not self.done:
                for key, _ in self._selector.select():
                    self._hear(*key.data)
        return self.done.popleft()

    def _worker(self, python: str, network: bool = False) -> _Worker:
        key = (python, network)
        return self._workers.get(key) or self._start(key)

    def _start(self, key: _Key) -> _Worker:
        self._starts += 1
        python, _ = key
        folder = self.folder / f"worker-{self._starts}"
        worker = _Worker(key, self.env[python], self.roots.get(python, ()), self.jobs, folder)
        self._workers[key] = worker
        for lane in (worker.control, *worker.lanes):
            self._selector.register(lane.ours, selectors.EVENT_READ, (worker, lane))
        return worker

    def _feed(self) -> None:
        """Give queued attempts to free lanes, the emptiest first."""
        while self.queue:
            key, attempt = self.queue[0]
            busy = sum(bool(lane.waiting) for w in self._workers.values() for lane in w.lanes)
            try:
                worker = self._worker(attempt.python, attempt.network)
                lane = min(worker.lanes, key=lambda lane: len(lane.waiting))
            except WorkerError as error:
                self.done.append((key, Outcome(unusable=str(error))))
                self.queue.popleft()
                continue
            room = QUEUED if attempt.mode == "load" else 1
            if len(lane.waiting) >= room or (not lane.waiting and busy >= self.jobs):
                return
            self.queue.popleft()
            self._send(lane, key, attempt)

    def _send(self, lane: _Lane, key: Hashable, attempt: Attempt) -> None:
        self._number += 1
        lane.waiting[self._number] = (key, attempt)
        with suppress(
            BrokenPipeError, ConnectionResetError
        ):  # its end-of-file is dealt with where it is read
            lane.send(lane.request(attempt, self._number))

    def _hear(self, worker: _Worker, lane: _Lane) -> None:
        if self._workers.get(worker.key) is not worker:
            return  # replaced meanwhile
        messages = lane.receive()
        if messages is None:
            self._worker_is_gone(worker)
        elif lane is worker.control:
            for message in messages:
                self._note(worker, message)
        else:
            for message in messages:
                self._answer(lane, message)

    def _note(self, worker: _Worker, message: Mapping[str, Any]) -> None:
        """What a worker says of itself while it starts."""
        if "preloading" in message:
            worker.preloading = message["preloading"]
        elif "failed" in message:
            worker.failed.append(Refusal(message["failed"], message["error"]))
        elif "ready" in message:
            worker.preloading, worker.top_level = None, frozenset(message["ready"])

    def _answer(self, lane: _Lane, message: dict[str, Any]) -> None:
        """What a keeper says of an attempt."""
        if "fault" in message:
            raise RuntimeError(f"a keeper failed: {message['fault']}")
        if message.get("lost"):
            lost, *others = lane.waiting.values()
            lane.waiting.clear()
            self.done.append((lost[0], Outcome(lost="the step ended the process that watched it")))
            self.queue.extendleft(reversed(others))  # they may have gone down with it: ask again
        elif message["id"] in lane.waiting:
            if "broken" in message:
                raise OSError(f"an attempt could not be made: {message['broken']}")
            key, attempt = lane.waiting.pop(message["id"])
            self.done.append((key, _outcome(message, attempt)))

    def _worker_is_gone(self, worker: _Worker) -> None:
        """Start a worker anew that died of a preload; give up on what a dead worker was asked."""
        waiting = [item for lane in worker.lanes for item in lane.waiting.values()]
        try:
            self._restarted(worker)
            self.queue.extendleft(reversed(waiting))
        except WorkerError as error:
            self.done.extend((key, Outcome(unusable=str(error))) for key, _ in waiting)

    def _restarted(self, worker: _Worker) -> _Worker:
        """A new worker in the place of one that died, without the module that it died of."""
        self._drain_control(worker)
        for lane in (worker.control, *worker.lanes):
            self._selector.unregister(lane.ours)
        del self._workers[worker.key]
        worker.close()
        worker.stop(STOP_SECONDS)
        if worker.preloading is None:
            raise WorkerError(f"{worker.python} cannot run pipetest's worker: {_last_words(worker)}")
        status = worker.process.returncode
        refused = worker.failed or [Refusal(worker.preloading, f"the interpreter ended with status {status}")]
        self.refusals += [one for one in refused if one not in self.refusals]
        names = {one.module for one in refused}
        self._restarts += 1
        keep = self.roots[worker.python] if self._restarts < RESTARTS else ()
        self.roots[worker.python] = [root for root in keep if root[0] not in names]
        return self._start(worker.key)

    def _drain_control(self, worker: _Worker) -> None:
        while messages := worker.control.receive():
            for message in messages:
                self._note(worker, message)


def _last_words(worker: _Worker) -> str:
    lines = (worker.folder / LOG).read_text("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def _outcome(message: Mapping[str, Any], attempt: Attempt) -> Outcome:
    status = message["status"]
    number = status & 0x7F
    return Outcome(
        exit_code=None if number else status >> 8,
        signal=_signal_name(number) if number else None,
        timed_out=message["timed_out"],
        seconds=message["seconds"],
        cpu_seconds=message["cpu_seconds"],
        max_rss_mb=message["max_rss"] / 1e6,
        fresh=attempt.fresh or attempt.mode == "command",
        answer=message["answer"],
        left=tuple(message["left"]),
        tail=message["tail"],
        record=tuple(records_of(message["record"])),
    )


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
