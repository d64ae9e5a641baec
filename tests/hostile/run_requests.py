"""Sends each row of requests.table through Purser to nginx, Node and Python, and counts: what the
client is answered, what Purser booked, and what each upstream saw must be what the table says. Then
the same bytes without Purser, to show in how many rows the three do not agree."""

from __future__ import annotations

import argparse
import asyncio
import collections
import pathlib
import re
import shutil
import sys
import tempfile
import types

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import tables  # noqa: E402
import upstreams  # noqa: E402
from harness import Gateway, wait_until  # noqa: E402

AT_ONCE = 16
PATIENCE_SECONDS = 60
DIRECT_SECONDS = 2  # an upstream that waits for more is not what is tested
CODE = re.compile(rb'"code":\s*"(\w+)"')


def answers_in(received: bytes) -> str:
    found = []
    while received:
        if received.startswith(b"HTTP/1.1 100 Continue\r\n\r\n"):
            received = received[len(b"HTTP/1.1 100 Continue\r\n\r\n") :]
            continue
        head, _, rest = received.partition(b"\r\n\r\n")
        length = re.search(rb"\r\ncontent-length: (\d+)", head, re.I)
        if not head.startswith(b"HTTP/1.1 ") or not length:
            return ", ".join([*found, "garbage"])
        body, received = rest[: int(length[1])], rest[int(length[1]) :]
        status = head[9:12].decode()
        code = CODE.search(body)
        found.append(status if status == "200" or not code else f"{status} {code[1].decode()}")
    return ", ".join(found) or "-"


async def exchange(port: int, data: bytes, then: str, patience: float) -> bytes:
    """All that comes until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    received = bytearray()

    async def read() -> None:
        while piece := await reader.read(65536):
            received.extend(piece)

    try:
        writer.write(data)
        if then != "wait":
            writer.write_eof()
        await asyncio.wait_for(read(), patience)
    except asyncio.TimeoutError:
        received += b"(the connection stays open)" if patience == PATIENCE_SECONDS else b""
    except OSError:  # closed by the server meanwhile
        pass
    finally:
        writer.close()
    return bytes(received)


def bytes_of(row: tables.Row, name: str, upstream: str, key: str) -> bytes:
    data = tables.request_bytes(row, name, upstream, key)
    if not row.then:
        data += tables.request_bytes(tables.NEXT, name + ".next", upstream, key)
    return data


async def all_rows(rows, ports: dict[str, int], key: str, label: str, patience: float):
    """{(upstream, row's name): what was received}"""
    gate = asyncio.Semaphore(AT_ONCE)
    received = {}

    async def one(upstream: str, row: tables.Row) -> None:
        async with gate:
            data = bytes_of(row, label + row.name, upstream, key)
            received[upstream, row.name] = await exchange(ports[upstream], data, row.then, patience)

    await asyncio.gather(*(one(upstream, row) for row in rows for upstream in ports))
    return received


def seen_of(counts: dict[str, int], name: str) -> int:
    return counts.get(name, 0) + counts.get(name + ".next", 0)


class Run:
    def __init__(self, directory: pathlib.Path, rounds: int):
        self.rows = tables.read_requests()
        self.rounds = rounds
        self.failures: list[str] = []
        self.upstreams = upstreams.start(directory)
        providers = "".join(
            f'[[provider]]\nname = "{each.name}"\nkind = "openai-compatible"\n'
            f'base_url = "http://127.0.0.1:{each.port}"\nprice_as = "openai"\n'
            for each in self.upstreams
        )
        timeouts = "[limits]\nhead_timeout_seconds = 5\nbody_idle_timeout_seconds = 5\n"
        stub = types.SimpleNamespace(port=9, openai_key="none", anthropic_key="none")
        self.gateway = Gateway(stub, more=timeouts + providers)

    def through_purser(self) -> None:
        self.gateway.start()
        self.gateway.add_team("engineering", "1000")
        ana = self.gateway.add_member("ana", "engineering", "100")
        ports = {each.name: self.gateway.port for each in self.upstreams}
        for number in range(self.rounds):
            label = f"{number}."
            received = asyncio.run(all_rows(self.rows, ports, ana.key, label, PATIENCE_SECONDS))
            for (upstream, name), data in received.items():
                row = next(row for row in self.rows if row.name == name)
                self.check_answers(row, upstream, data)
        with self.gateway.books() as books:
            wait_until(lambda: not books.holds(), "the last hold to be settled")
            held = sum(account.held for account in books.accounts())
            booked = collections.Counter(
                (row["asked_model"].split("/")[0], row["end_user"]) for row in books.usages()
            )
        if held:
            self.failures.append(f"{held} nanos are still held")
        if self.gateway.terminate() != 0:  # nothing can be under way behind it
            self.failures.append("purser did not end well")
        for upstream in self.upstreams:
            self.check_counts(upstream, booked)

    def check_answers(self, row: tables.Row, upstream: str, received: bytes) -> None:
        wanted = row.columns[0].replace("(", "").replace(")", "")
        found = answers_in(received)
        if found != wanted:
            self.failures.append(f"{row.name} to {upstream}: answered {found}, not {wanted}")

    def check_counts(self, upstream: upstreams.Upstream, booked) -> None:
        seen, odd = upstream.counts()
        mine = {agent: count for (name, agent), count in booked.items() if name == upstream.name}
        self.failures += [f"{upstream.name} could not read a request: {line}" for line in odd]
        if seen != mine:
            self.failures.append(f"{upstream.name} saw {seen.items() ^ mine.items()}")
        for row in self.rows:
            for number in range(self.rounds):
                count, wanted = seen_of(seen, f"{number}.{row.name}"), int(row.columns[1])
                if count != wanted:
                    self.failures.append(f"{row.name}: {upstream.name} saw {count}, not {wanted}")
        self.forwarded = sum(seen.values())

    def without_purser(self) -> int:
        rows = [row for row in self.rows if row.then != "wait"]
        ports = {each.name: each.port for each in self.upstreams}
        asyncio.run(all_rows(rows, ports, "psr_none", "direct.", DIRECT_SECONDS))
        counts = [each.counts()[0] for each in self.upstreams]
        return sum(len({seen_of(seen, "direct." + row.name) for seen in counts}) > 1 for row in rows)

    def stop(self) -> None:
        for upstream in self.upstreams:
            upstream.stop()
        self.gateway.remove()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=1)
    directory = pathlib.Path(tempfile.mkdtemp(prefix="purser-hostile-"))
    run = Run(directory, parser.parse_args().rounds)
    try:
        run.through_purser()
        apart = run.without_purser()
    finally:
        run.stop()
        shutil.rmtree(directory, ignore_errors=True)
    for failure in run.failures:
        print(failure[:600])
    print(
        f"hostile requests: {len(run.rows)} rows x 3 upstreams x {run.rounds}, {run.forwarded} "
        f"requests forwarded to each and seen by each; without Purser the three see another number "
        f"in {apart} rows; {len(run.failures)} failures"
    )
    sys.exit(1 if run.failures else 0)


if __name__ == "__main__":
    main()
