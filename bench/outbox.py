#!/usr/bin/env python3
"""An outbox of 100,000 rows at start: how soon is the service ready, how large is it, how fast does it drain?

usage: bench/outbox.py [SLOTHUNTER] [ROWS]

Fills a store in a temporary folder, starts the real process on it and counts what arrives at a local webhook. Nothing
leaves loopback. What claims cost is measured by `BENCH_OUTBOX=1 swift test --filter OutboxBench`.
"""
import asyncio, json, os, signal, sqlite3, subprocess, sys, tempfile, time

program = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else ".build/release/slothunter")
rows = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
arrivals = []

NOTIFIER = """\
notifier: local
title: Local webhook
options: { url: { required: true } }
recipient: { name: number }
format: json
max_length: 65536
send: { post: "{url}", json: { to: "{recipient}", message: "{message}" } }
outcomes: [ { delivered: { status: 204 } } ]
"""


async def answer(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(int(l.split(b":")[1]) for l in head.lower().split(b"\r\n") if l.startswith(b"content-length"))
            await reader.readexactly(length)
            arrivals.append(time.monotonic())
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            await writer.drain()
    except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
        writer.close()


def fill(path):
    """As one run for each thousand people would: one text, a line, a delivery each."""
    db = sqlite3.connect(path)
    now = int(time.time() * 1000)
    message = json.dumps({"kind": "test", "site": "bench", "watch": "bench", "language": "en", "title": "bench",
                          "lines": [{"text": "one line of news"}], "at_ms": now})
    db.execute("INSERT INTO messages (id, text) VALUES (1, ?)", (message,))
    db.executemany(
        "INSERT INTO deliveries (id, kind, state, channel, recipient, subscription, rule, watch, site, message, sequence,"
        " created_at, due_at, place) VALUES (?, 'alert', 'pending', 'local', ?, ?, 'bench', 'bench', 'bench', 1, 1, ?, ?, 2)",
        ((f"d{n}", f"r{n}", f"local|r{n}", now, now) for n in range(rows)))
    db.commit()
    db.close()


async def main():
    with tempfile.TemporaryDirectory() as folder:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        for name in ("sites", "notifiers"):
            os.mkdir(f"{folder}/{name}")
        with open(f"{folder}/notifiers/local.yaml", "w") as file:
            file.write(NOTIFIER)
        with open(f"{folder}/slothunter.yaml", "w") as file:
            file.write(f"sites: [sites]\nnotifiers: [notifiers]\nstore: store.db\nallow_hosts: ['127.0.0.1:{port}']\n"
                       f"channels: {{ local: {{ notifier: local, enabled: true, url: 'http://127.0.0.1:{port}/' }} }}\n")
        subprocess.run([program, "run", "--once", "--log", "error"], cwd=folder, check=True)
        fill(f"{folder}/store.db")
        started = time.monotonic()
        with open(f"{folder}/log", "w") as log:
            process = subprocess.Popen([program, "run", "--log", "warn"], cwd=folder, stderr=log)
            try:
                while len(arrivals) < rows and process.poll() is None and time.monotonic() - started < 600:
                    await asyncio.sleep(0.05)
                with open(f"/proc/{process.pid}/status") as status:
                    resident = next(int(l.split()[1]) for l in status if l.startswith("VmHWM"))
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(30)
        first, last = arrivals[0], arrivals[-1]
        print(f"rows {rows}: first send {first - started:.2f} s after the start, peak resident {resident / 1024:.0f} MiB, "
              f"{len(arrivals)} sent in {last - first:.1f} s: {len(arrivals) / max(last - first, 0.001):.0f}/s")


asyncio.run(main())
