"""The hold is durable before the first upstream byte, as the system's calls show it.

The gateway runs under strace while many clients ask at once. Each request carries a mark that no
other has: in its body, and as its end user in the row of its hold. Read from the trace, for each
request by itself:

    held     the first write to the ledger's log that has the mark in it
    synced   the first sync of that log that began after it, at the line where it *returned*
    sent     the first write to the provider's socket that belongs to the request

and `synced` must come before `sent` began. strace writes a line before it lets the process go on,
so what one call waits for stands before it."""

from __future__ import annotations

import asyncio
import dataclasses
import pathlib
import re
import shutil
import sys
import time

from ai_client import Ask, ask
from harness import Gateway
from stub_provider import StubProvider

CLIENTS = 16
FORMATS = ("chat", "messages", "responses")
CALL = re.compile(r"^(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\()(.*)$")
MARK = re.compile(r"hf-\d{6}-x")


@dataclasses.dataclass
class Seen:
    held: int = 0
    sent: int = 0
    synced: int = 0


@dataclasses.dataclass
class Trace:
    requests: dict[str, Seen]
    syncs: int = 0


def read_trace(path: pathlib.Path, port: int) -> Trace:
    """Line numbers begin at 1; 0: never seen."""
    trace = Trace({})
    begun: dict[str, int] = {}  # by thread: where its sync of the log began
    waiting: list[str] = []  # marks that were written and not synced
    heads: dict[str, int] = {}  # by socket: where the message being written began
    upstream = f"->127.0.0.1:{port}]"
    with path.open(errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            call = CALL.match(line)
            if not call:
                continue
            thread, resumed, name, rest = call.groups()
            if resumed or name in ("fsync", "fdatasync"):
                if name and "ledger.db-wal>" in rest:
                    begun[thread] = number
                if "<unfinished" in rest or thread not in begun:
                    continue
                if (resumed or name) not in ("fsync", "fdatasync"):
                    continue
                start = begun.pop(thread)
                if not rest.rstrip().endswith("= 0"):
                    continue
                trace.syncs += 1
                for mark in waiting:
                    if trace.requests[mark].held < start:
                        trace.requests[mark].synced = number
                waiting = [mark for mark in waiting if not trace.requests[mark].synced]
                continue
            if name == "pwrite64" and "ledger.db-wal>" in rest[:400]:
                for mark in set(MARK.findall(rest)):
                    seen = trace.requests.setdefault(mark, Seen())
                    if not seen.held:
                        seen.held = number
                        waiting.append(mark)
            elif upstream in rest[:200]:
                socket = rest.split("<", 1)[0]
                if "POST /v1" in rest:
                    heads[socket] = number
                for mark in set(MARK.findall(rest)):
                    seen = trace.requests.setdefault(mark, Seen())
                    if not seen.sent:
                        seen.sent = heads.get(socket, number)
    return trace


def problems_of(trace: Trace, marks: list[str]) -> list[str]:
    problems = []
    for mark in marks:
        seen = trace.requests.get(mark, Seen())
        if not seen.sent:
            problems.append(f"{mark}: never seen on its way to the provider")
        elif not seen.held:
            problems.append(f"{mark}: sent (line {seen.sent}), and its hold was never written")
        elif not seen.synced or seen.synced > seen.sent:
            problems.append(
                f"{mark}: its hold was written at line {seen.held}, sent upstream at line"
                f" {seen.sent}, and durable at line {seen.synced or 'none'}"
            )
    return problems


async def load(gateway: Gateway, keys: list[str], marks: list[str]) -> list[str]:
    left = list(enumerate(marks))[::-1]
    problems = []

    async def client() -> None:
        while left:
            number, mark = left.pop()
            wanted = Ask(mark, FORMATS[number % 3], 50, number % 2 == 1, plan={"out": 3})
            answer = await ask(gateway.port, keys[number % len(keys)], wanted)
            if answer.status != 200:
                problems.append(f"{mark}: answered {answer.status}")

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return problems


def run(count: int) -> tuple[list[str], str]:
    """What is wrong, and one line of counts."""
    strace = shutil.which("strace")
    if not strace:
        raise SystemExit("strace is not installed: apt-get install strace")
    stub = StubProvider()
    stub.start()
    gateway = Gateway(stub)
    trace_file = gateway.directory / "trace.txt"
    calls = "trace=fsync,fdatasync,pwrite64,write,writev,sendto,sendmsg"
    gateway.before_command = [strace, "-D", "-f", "-v", "-yy", "-s", "262144", "-e", calls]
    gateway.before_command += ["-e", "signal=none", "-o", str(trace_file)]
    try:
        gateway.start()
        gateway.set_cap("workspace", "", "100000")
        gateway.add_team("engineering", "90000")
        keys = [gateway.add_member(f"u{i}", "engineering", "50000").key for i in range(4)]
        marks = [f"hf-{number:06}-x" for number in range(count)]
        problems = asyncio.run(load(gateway, keys, marks))
        gateway.terminate()
        wait_for_end(trace_file)
        trace = read_trace(trace_file, stub.port)
        problems += problems_of(trace, marks)
    finally:
        gateway.remove()
        stub.stop()
    in_order = sum(0 < seen.synced < seen.sent for seen in trace.requests.values())
    return problems, (
        f"hold first: {in_order} of {count} holds durable before the first upstream byte,"
        f" {CLIENTS} clients, {trace.syncs} syncs of the log, {len(problems)} problems"
    )


def wait_for_end(trace_file: pathlib.Path) -> None:
    """The tracer writes its last line a moment after the gateway has ended."""
    until = time.monotonic() + 30
    while "+++ exited with" not in trace_file.read_text(errors="replace")[-200:]:
        if time.monotonic() > until:
            raise AssertionError("the trace has no end")
        time.sleep(0.05)


def main() -> int:
    problems, counts = run(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
    for problem in problems[:20]:
        print(problem)
    print(counts)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
