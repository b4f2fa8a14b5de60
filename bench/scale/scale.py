#!/usr/bin/env python3
"""What 100,000 watches cost: loading, memory, idling, and how late runs start at 1,000 a second.

    swift build -c release --static-swift-stdlib --product slothunter --scratch-path .build/bench
    python3 bench/scale/scale.py [--watches 100000] [--rate 1000] [--seconds 20] [--binary .build/bench/release/slothunter]

Sites are served by a small server of this script on loopback; nothing else is asked. Prints one table. The bars are those
of the product: loaded within 10 s, 250 MB resident, start lag p99 under 250 ms.
"""
import argparse, asyncio, base64, os, re, resource, shutil, signal, sqlite3, subprocess, sys, tempfile, threading, time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SITES = 20
BODY = b'{"slots": [{"id": 1}, {"id": 2}, {"id": 3}]}'


class Site(asyncio.Protocol):
    """Answers every request with the same few slots; keeps connections."""

    count = 0
    head = (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY)) + BODY

    def connection_made(self, transport):
        self.transport, self.rest = transport, b""

    def data_received(self, data):
        self.rest += data
        while (end := self.rest.find(b"\r\n\r\n")) >= 0:
            self.rest = self.rest[end + 4:]
            Site.count += 1
            self.transport.write(self.head)


def serve():
    """A thread of its own; returns the port."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    port = []

    async def begin():
        server = await loop.create_server(Site, "127.0.0.1", 0, backlog=1024)
        port.append(server.sockets[0].getsockname()[1])
        ready.set()

    def run():
        asyncio.set_event_loop(loop)
        loop.create_task(begin())
        loop.run_forever()

    threading.Thread(target=run, daemon=True).start()
    ready.wait()
    return port[0]


def spec(number):
    return f"""site: scale{number}
title: scale{number}
timezone: Asia/Tehran
links: ["https://scale{number}.example/w/{{id}}"]
limits: {{ min_interval: 1s }}
steps:
  - step: slots
    get: https://scale{number}.example/w/{{id}}
    anchor: $.slots
    rows: {{ each: "$.slots[*]", fields: {{ slot: $.id }} }}
items: {{ key: [slot], expect: {{ count: 0..500 }} }}
alert:
  on: [added]
  title: {{ fa: "نوبت", en: "Slot" }}
  line: {{ fa: "{{slot}}", en: "{{slot}}" }}
  useful_for: 15m
"""


def build(home, count, every, port, where):
    """Writes the configuration; watches stand in the file or are put into the store by `fill`."""
    for folder in ("sites", "notifiers"):
        os.makedirs(os.path.join(home, folder), exist_ok=True)
    shutil.copy(os.path.join(ROOT, "notifiers", "webhook.yaml"), os.path.join(home, "notifiers"))
    for number in range(SITES):
        with open(os.path.join(home, "sites", f"scale{number}.yaml"), "w") as file:
            file.write(spec(number))
    with open(os.path.join(home, "slothunter.yaml"), "w") as file:
        file.write("sites: [sites]\nnotifiers: [notifiers]\nstore: scale.db\n")
        file.write(f'allow_hosts: ["127.0.0.1:{port}"]\n')
        secret = "whsec_" + base64.b64encode(os.urandom(32)).decode()
        file.write("channels:\n  ops: { notifier: webhook, enabled: true, ")
        file.write(f'url: "http://127.0.0.1:{port}/hook", secret: "{secret}" }}\n')
        if where == "file":
            file.write("watches:\n")
            for n in range(count):
                file.write(
                    f"  - {{ site: scale{n % SITES}, params: {{ id: doctor-{n} }}, every: {every}, "
                    "notify: [{ channel: ops, first: none }] }\n")
    return os.path.getsize(os.path.join(home, "slothunter.yaml"))


def fill(home, count, every, where, isFresh=True):
    """Gives every watch a last run: spread over one interval, so that as many are due in each second."""
    db = sqlite3.connect(os.path.join(home, "scale.db"))
    now = int(time.time() * 1000)
    step = every * 1000 / count
    ids = [(f"scale{n % SITES}/doctor-{n}", f"scale{n % SITES}", n) for n in range(count)]
    if not isFresh:
        db.executemany(
            "UPDATE watch_states SET last_run_at = ?, next_run_at = ? WHERE watch = ?",
            [(int(now - n * step), int(now - n * step + every * 1000), i) for i, s, n in ids])
        db.commit()
        db.close()
        return
    db.execute("DELETE FROM watch_states")
    if where == "store":
        db.execute("DELETE FROM watches")
        db.executemany(
            "INSERT INTO watches (id, site, params, every_ms, origin, notify, added_at) VALUES (?,?,?,?,?,?,?)",
            [(i, s, '{"id":"doctor-%d"}' % n, every * 1000, "command",
              '[{"channel":"ops","language":"fa","first":"none"}]', now) for i, s, n in ids])
    db.executemany(
        "INSERT INTO watch_states (watch, site, last_run_at, next_run_at, interval_ms) VALUES (?,?,?,?,?)",
        [(i, s, int(now - n * step), int(now - n * step + every * 1000), every * 1000) for i, s, n in ids])
    db.commit()
    db.close()


class Service:
    def __init__(self, binary, home, port):
        command = [binary, "run", "--config", "slothunter.yaml"]
        for number in range(SITES):
            command += ["--origin", f"https://scale{number}.example=http://127.0.0.1:{port}"]
        self.log = open(os.path.join(home, "log"), "w+")
        self.begun, self.read = time.monotonic(), 0
        self.process = subprocess.Popen(
            command + ["--log", "info"], cwd=home, stderr=self.log,
            env=dict(os.environ, SWIFT_BACKTRACE="enable=no"))

    def wait(self, pattern, limit=600):
        """Reads what is new in the log: it grows by a line a run."""
        end = time.monotonic() + limit
        while True:
            ended = self.process.poll() is not None
            with open(self.log.name) as log:
                log.seek(self.read)
                text = log.read()
            if found := re.search(pattern, text):
                return found
            if ended or time.monotonic() > end:
                sys.exit(f"the service did not say {pattern!r}:\n" + text[-3000:])
            self.read += len(text[:text.rfind("\n") + 1].encode())
            time.sleep(0.05)

    def memory(self):
        """Resident now, and the most it ever was, in MB."""
        with open(f"/proc/{self.process.pid}/status") as status:
            values = dict(line.split(":", 1) for line in status if line.startswith(("VmRSS", "VmHWM")))
        return [int(values[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM")]

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        found = self.wait(r"stopped runs=(\d+)(?: start_lag_p50_ms=(\d+) start_lag_p99_ms=(\d+))? start_lag_max_ms=(\d+)")
        self.process.wait()
        return found


def load(arguments, home, port, where, every):
    service = Service(arguments.binary, home, port)
    service.wait(r" running pid=")
    taken = time.monotonic() - service.begun
    return service, taken


def row(name, value, bar=""):
    print(f"{name:58} {value:>16} {bar:>14}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--watches", type=int, default=100_000)
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--binary", default=os.path.join(ROOT, ".build/bench/release/slothunter"))
    parser.add_argument("--skip", default="", help="phases to leave out: file, store, lag")
    arguments = parser.parse_args()
    arguments.binary = os.path.abspath(arguments.binary)
    port = serve()
    count = arguments.watches
    row(f"{count} watches", "measured", "bar")
    if "file" not in arguments.skip:
        with tempfile.TemporaryDirectory(prefix="slothunter-scale-") as home:
            size = build(home, count, "24h", port, "file")
            service, taken = load(arguments, home, port, "file", 86_400)
            row("first load, from the file, into an empty store, s", f"{taken:.2f}", "10")
            row("  the file, MB", f"{size / 1e6:.1f}")
            service.stop()
            fill(home, count, 86_400, "file")
            service, taken = load(arguments, home, port, "file", 86_400)
            row("load, from the file, s", f"{taken:.2f}", "10")
            row("  CPU of it, s", f"{service.cpu():.2f}")
            time.sleep(3)
            resident, most = service.memory()
            row("  resident, MB", f"{resident:.0f}", "250")
            row("  most while loading, MB", f"{most:.0f}")
            before, asked = service.cpu(), Site.count
            time.sleep(10)
            row("  CPU of 10 s idle, s", f"{service.cpu() - before:.2f}")
            row("  runs in them (1.2 a second are due)", str(Site.count - asked))
            began = time.monotonic()
            service.process.send_signal(signal.SIGHUP)
            service.wait(r" reloaded ")
            row("reload with nothing changed, s", f"{time.monotonic() - began:.2f}", "10")
            resident, most = service.memory()
            row("  resident, MB", f"{resident:.0f}", "250")
            row("  most, MB", f"{most:.0f}")
            service.stop()
    if "store" not in arguments.skip:
        with tempfile.TemporaryDirectory(prefix="slothunter-scale-") as home:
            build(home, count, "24h", port, "store")
            load(arguments, home, port, "store", 86_400)[0].stop()
            fill(home, count, 86_400, "store")
            service, taken = load(arguments, home, port, "store", 86_400)
            row("load, from the store's table, s", f"{taken:.2f}", "10")
            time.sleep(1)
            row("  resident, MB", f"{service.memory()[0]:.0f}", "250")
            service.stop()
    if "lag" in arguments.skip:
        return
    with tempfile.TemporaryDirectory(prefix="slothunter-scale-") as home:
        every = max(1, count // arguments.rate)
        build(home, count, f"{every}s", port, "file")
        load(arguments, home, port, "file", every)[0].stop()
        fill(home, count, every, "file")
        # Once through all of them, so that what is measured is the usual run and not the first.
        service, _ = load(arguments, home, port, "file", every)
        end = time.monotonic() + 6 * every + 60
        before = Site.count
        while Site.count - before < count and time.monotonic() < end:
            time.sleep(0.5)
        service.stop()
        fill(home, count, every, "file", isFresh=False)
        service, _ = load(arguments, home, port, "file", every)
        before, asked, begun = service.cpu(), Site.count, time.monotonic()
        own = resource.getrusage(resource.RUSAGE_SELF)
        time.sleep(arguments.seconds)
        length = time.monotonic() - begun
        spent, runs = service.cpu() - before, Site.count - asked
        mine = resource.getrusage(resource.RUSAGE_SELF)
        server = mine.ru_utime + mine.ru_stime - own.ru_utime - own.ru_stime
        resident, _ = service.memory()
        found = service.stop()
        row(f"runs a second, {arguments.rate} wanted", f"{runs / length:.0f}")
        row("  CPU of a run, ms", f"{1000 * spent / max(runs, 1):.3f}")
        row("  cores taken: the service, this script's server", f"{spent / length:.2f}, {server / length:.2f}")
        row("  resident, MB", f"{resident:.0f}", "250")
        row("  start lag p50, ms", found[2])
        row("  start lag p99, ms", found[3], "250")
        row("  start lag at most, ms", found[4])


main()
