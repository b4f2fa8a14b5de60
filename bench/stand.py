"""What the measurements of a running service share: a site and a webhook on loopback, and the service between them."""
import asyncio, base64, hashlib, os, re, shutil, signal, socket, subprocess, tempfile, threading, time, urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
# A key of nobody: whsec_ and 32 zero bytes.
SECRET = "whsec_" + base64.b64encode(bytes(32)).decode()

# Requests to the site at once: as many connections are kept to it.
CONCURRENCY = 8
# Sends of a channel at once: WorkerTuning.
SENDS = 8

SPEC = """\
site: {name}
title: {name}
timezone: UTC
limits: {{ min_interval: 1s, concurrency: {concurrency} }}
steps:
  - step: slots
    get: {origin}/{name}/{{number}}
    anchor: {anchor}
    rows: {{ each: {rows}, fields: {{ id: {id} }} }}
items: {{ key: [id], expect: {{ count: 0..1000 }} }}
alert:
  on: [added]
  title: {{ en: "New" }}
  line: {{ en: "{{id}}" }}
"""
SELECTORS = {
    "page": dict(anchor="{ css: '#slots' }", rows="\"//div[@class='slot']\"", id="\"./span[@class='id']\""),
    "json": dict(anchor="$.slots", rows="'$.slots[*]'", id="$.id"),
}


def html(ids):
    """About 20 KB, as a page has more than what is looked for in it."""
    filler = "".join(f"<p class='note n{n}'>Nothing of interest stands in paragraph {n}, as in most.</p>" for n in range(200))
    slots = "".join(f"<div class='slot'><span class='id'>{i}</span><b>free</b></div>" for i in ids)
    return f"<!doctype html><html><body><h1>Slots</h1>{filler}<div id='slots'>{slots}</div></body></html>".encode()


def json(ids):
    return ('{"slots":[' + ",".join(f'{{"id":"{i}","state":"free"}}' for i in ids) + "]}").encode()


class Stand:
    """Serves until `close`. `slots(kind, number)` gives the ids on a page as it is asked for; `heard(body, at)` is told of each
    message with the time at which its head had arrived; `sent(kind, number, at)` of each page when it had been sent."""

    def __init__(self, slots, heard, sent=lambda *_: None, refuses=lambda count: False):
        self.slots, self.heard, self.sent, self.refuses = slots, heard, sent, refuses
        self.requests = self.messages = 0
        self.loop = asyncio.new_event_loop()
        started = threading.Event()

        def run():
            asyncio.set_event_loop(self.loop)
            self.server = self.loop.run_until_complete(asyncio.start_server(self.answer, "127.0.0.1", 0, backlog=512))
            self.origin = "http://127.0.0.1:%d" % self.server.sockets[0].getsockname()[1]
            started.set()
            self.loop.run_forever()

        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()
        started.wait()

    async def answer(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                at = time.monotonic()
                method, path = head.split(b" ", 2)[:2]
                if method == b"POST":
                    length = int(re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)[1])
                    body = await reader.readexactly(length)
                    self.messages += 1
                    if self.refuses(self.messages):
                        writer.write(b"HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n")
                    else:
                        self.heard(body, at)
                        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
                else:
                    self.requests += 1
                    kind, number = path.decode().strip("/").split("/")
                    writer.write(self.page(kind, int(number), head))
                    await writer.drain()
                    self.sent(kind, int(number), time.monotonic())
                    continue
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            writer.close()

    def page(self, kind, number, head):
        ids = self.slots(kind, number)
        body = html(ids) if kind == "page" else json(ids)
        # Every other document says how to recognise it.
        tag = b'"%s"' % hashlib.md5(body).hexdigest().encode() if number % 2 else None
        if tag and tag in head:
            return b"HTTP/1.1 304 Not Modified\r\nETag: %s\r\n\r\n" % tag
        type = b"text/html; charset=utf-8" if kind == "page" else b"application/json"
        return b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n%s" % (
            type, len(body), b"ETag: %s\r\n" % tag if tag else b"", body)

    def close(self):
        def end():
            for task in asyncio.all_tasks(self.loop):
                task.cancel()
            self.loop.call_soon(self.loop.stop)
        self.loop.call_soon_threadsafe(end)
        self.thread.join()
        self.loop.close()


class DiskReference:
    """What the disk alone takes meanwhile: 4 KiB and an fdatasync, twenty times a second."""

    def __init__(self, folder):
        self.milliseconds, self.isOver = [], threading.Event()
        self.thread = threading.Thread(target=self.run, args=(folder + "/reference",), daemon=True)
        self.thread.start()

    def run(self, path):
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        while not self.isOver.wait(0.05):
            begun = time.monotonic()
            os.pwrite(file, bytes(4096), 0)
            os.fdatasync(file)
            self.milliseconds.append((time.monotonic() - begun) * 1000)
        os.close(file)

    def end(self):
        """Sorted."""
        self.isOver.set()
        self.thread.join()
        return sorted(self.milliseconds)


class Service:
    """`slothunter run` in a folder of its own, with a store on disk."""

    def __init__(self, program, stand, watches, every="1s"):
        """watches: (kind, number) of each."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.folder = tempfile.mkdtemp(prefix="slothunter-bench-")
        for name in ("sites", "notifiers"):
            os.mkdir(f"{self.folder}/{name}")
        shutil.copy(f"{HERE}/../notifiers/webhook.yaml", f"{self.folder}/notifiers/webhook.yaml")
        for name, selectors in SELECTORS.items():
            with open(f"{self.folder}/sites/{name}.yaml", "w") as file:
                file.write(SPEC.format(name=name, origin=stand.origin, concurrency=CONCURRENCY, **selectors))
        host = stand.origin.removeprefix("http://")
        with open(f"{self.folder}/slothunter.yaml", "w") as file:
            file.write(f"sites: [sites]\nnotifiers: [notifiers]\nstore: store.db\nallow_hosts: ['{host}']\n")
            file.write(f"metrics: {{ listen: '127.0.0.1:{self.port}' }}\n")
            file.write(f"channels: {{ hook: {{ notifier: webhook, url: '{stand.origin}/hook', secret: '${{BENCH_SECRET}}' }} }}\n")
            file.write("watches:\n")
            for kind, number in watches:
                file.write(f"  - {{ site: {kind}, params: {{ number: '{number}' }}, every: {every},"
                           " notify: [ { channel: hook, language: en, first: none } ] }\n")
        self.log = f"{self.folder}/log"
        environment = os.environ | {"BENCH_SECRET": SECRET, "SWIFT_BACKTRACE": "enable=no"}
        self.process = subprocess.Popen([os.path.abspath(program), "run", "--log=warn"],
                                        cwd=self.folder, stderr=open(self.log, "w"), env=environment)

    def sample(self):
        """Resident KiB, descriptors that are no sockets, sockets, threads, CPU seconds."""
        root = f"/proc/{self.process.pid}"
        with open(f"{root}/status") as file:
            lines = dict(line.split(":", 1) for line in file)
        with open(f"{root}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        targets = []
        for name in os.listdir(f"{root}/fd"):
            try:
                targets.append(os.readlink(f"{root}/fd/{name}"))
            except FileNotFoundError:
                pass
        sockets = sum(target.startswith("socket:") for target in targets)
        return int(lines["VmRSS"].split()[0]), len(targets) - sockets, sockets, int(lines["Threads"]), cpu

    def scrape(self):
        """Its metrics, each line's value by its name and labels."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=5) as answer:
            lines = [line for line in answer.read().decode().splitlines() if not line.startswith("#")]
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}

    def stop(self):
        """Its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(30)
        finally:
            if self.process.poll() is None:
                self.process.kill()

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)
