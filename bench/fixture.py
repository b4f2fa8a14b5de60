#!/usr/bin/env python3
"""The fixture site of the benchmarks: generated pages with appointment slots, in two versions, served on loopback.

  bench/fixture.py make  --out DIR [--pages 2000] [--distinct 2000] [--seed 1403]
  bench/fixture.py serve --out DIR [--port 0] [--etag-port 0] [--python]      until it is interrupted

`make` writes v1/ and v2/ with html/00000.html (60 KB, 40 slots) and json/00000.json (19 KB) and so on, truth.jsonl with the
slots that are new in v2, and manifest.json. The same seed gives the same bytes. In v2 a page in ten has a slot more, one in
twenty a slot less (exactly, in every block of 20), and every page is different outside of its slots. Pages past --distinct
are links to those before, so that 20,000 need no gigabytes.

`serve` answers from the folder `current`, a link to v1 or v2, by nginx where that is installed, else by a small server in
Python, which is slower than what it feeds. One port serves pages as dynamic sites do, without ETag; the other has ETags,
answers 304, and writes a line with its status for each answer to DIR/run/etag.log.
"""
import argparse, asyncio, contextlib, hashlib, json, os, random, shutil, socket, subprocess, sys, time
from collections import namedtuple

SLOTS = 40
BLOCK, GAINS, LOSSES = 20, 2, 1
# So that HTML pages come to some 60 KB, JSON documents to some 19 KB.
ARTICLES, BOOKED_A_DAY = 20, 11
PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
SYLLABLES = "با دا سر مه نو رو شب گل کار دست راه آب نام یار خوش پای من زار بان گاه ستان مند".split()
DAYS = [f"1406/{month:02}/{day:02}" for month in (1, 2, 3) for day in range(1, 31)]
TIMES = [f"{hour:02}:{minute:02}" for hour in range(7, 22) for minute in range(0, 60, 20)]

Slot = namedtuple("Slot", "date time toman")


class Words:
    """Invented words: nothing in a page means anything."""

    def __init__(self, draw):
        self.draw = draw
        self.known = ["".join(draw.choices(SYLLABLES, k=draw.randint(1, 3))) for _ in range(700)]

    def __call__(self, count):
        return " ".join(self.draw.choices(self.known, k=count))


class Blocks:
    """What pages are put together from; made once for a seed."""

    def __init__(self, seed):
        draw = random.Random(f"blocks {seed}")
        words = Words(draw)
        self.words = words.known
        self.articles = [self._article(number, draw, words) for number in range(300)]
        self.menu = "".join(
            f'<li class="item"><a href="/list?group={n}&amp;sort=near" title="{words(2)}">{words(2)}</a></li>' for n in range(70))
        self.style = "\n".join(
            f".k{n} > .in:hover{{margin:{n % 9}px {n % 5}px;color:#{draw.randrange(1 << 24):06x}}}" for n in range(90))
        self.script = "\n".join(
            f'if (a<{n} && b>{n}) {{ list.push("<div class=\\"slot\\">{n}<\\/div>"); }}' for n in range(45))

    @staticmethod
    def _article(number, draw, words):
        return (f'<article class="note k{number % 90}" id=note{number}><!-- {words(3)} -->'
                f'<h4 class="in">{words(5)}</h4><time datetime="2027-0{draw.randint(1, 9)}-1{draw.randint(0, 9)}">{words(2)}</time>'
                f'<p>{words(45)} &laquo;{words(6)}&raquo;<br>{words(40)}&nbsp;&amp; {words(12)}.</p><ul>'
                + "".join(f'<li><a class="tag" rel=nofollow href="/t/{draw.randrange(900)}">{words(2)}</a>' for _ in range(6))
                + f'</ul><img src="/p/{number}.jpg" alt="{words(3)}" width=64 height=64></article>\n')


def schedule(draw):
    """The slots of one page in order, its days, and prices that most of them share."""
    days = sorted(draw.sample(DAYS, 8))
    places = draw.sample([(day, hour) for day in days for hour in TIMES], SLOTS)
    usual = draw.randrange(150, 600, 10)
    return sorted(Slot(*place, usual if draw.random() < 0.75 else draw.randrange(150, 600, 10)) for place in places), days


def changed(slots, days, gains, loses, draw):
    """The slots of v2, and the new one or nothing."""
    later, new = list(slots), None
    if loses:
        later.pop(draw.randrange(len(later)))
    if gains:
        taken = {(slot.date, slot.time) for slot in slots}
        day, hour = draw.choice([(day, hour) for day in days for hour in TIMES if (day, hour) not in taken])
        new = Slot(day, hour, draw.randrange(150, 600, 10))
        later = sorted(later + [new])
    return later, new


def persian(toman):
    return f"{toman}٬000".translate(PERSIAN_DIGITS)


def page(number, version, slots, blocks, draw):
    noise = random.Random(f"{version} {number}")
    token, views = f"{noise.getrandbits(96):024x}", noise.randrange(10_000)
    title = " ".join(draw.sample(blocks.words, 4))
    rows = "\n".join(
        f'<div class="slot" data-id="{slot.date[5:]}-{slot.time}"><span class="date">{slot.date}</span><span class="time">{slot.time}</span>'
        f'<span class="price">{persian(slot.toman)}</span></div>' for slot in slots)
    notes = "".join(draw.sample(blocks.articles, ARTICLES))
    return (f'<!DOCTYPE html>\n<html lang="fa" dir="rtl"><head><meta charset="utf-8"><title>{title}</title>\n'
            f'<meta name="token" content="{token}"><style>\n{blocks.style}\n</style><script>\n{blocks.script}\n</script></head>\n'
            f'<body class="k{number % 90}"><header><ul class="menu">{blocks.menu}</ul></header><h1>{title}</h1>\n'
            f'<p class="views">{views}</p><section id="free"><h2>{title}</h2>\n{rows}\n</section>\n{notes}'
            f'<footer><p>{token} <b>{views}</b></p></footer></body></html>\n')


def document(number, version, slots, known, days, draw):
    """Free turns among booked ones, in an order and with ids that do not depend on the version."""
    noise = random.Random(f"json {version} {number}")
    free = set(slots)
    prices = {(day, hour): draw.randrange(150, 600, 10) for day in days for hour in draw.sample(TIMES, BOOKED_A_DAY)}
    prices.update({(slot.date, slot.time): slot.toman for slot in known})
    def turn(day, hour, toman):
        is_free = Slot(day, hour, toman) in free
        return {"id": int(f"{number}{day[5:7]}{day[8:]}{hour[:2]}{hour[3:]}"), "date": day, "time": hour, "price": toman * 1000,
                "free": is_free, "state": "open" if is_free else "taken", "room": {"id": number % 300, "floor": 2}, "minutes": 20}
    return json.dumps({"ok": True, "token": f"{noise.getrandbits(96):024x}", "views": noise.randrange(10_000), "data": {
        "doctor": {"id": number, "name": " ".join(draw.choices(SYLLABLES, k=4))},
        "days": [{"date": day, "label": day.translate(PERSIAN_DIGITS),
                  "turns": [turn(*place, prices[place]) for place in sorted(prices) if place[0] == day]} for day in days]}},
        ensure_ascii=False)


def chosen(seed, kind, number):
    """Does this page gain, does it lose?"""
    draw = random.Random(f"changes {seed} {kind} {number // BLOCK}")
    gains, losses = draw.sample(range(BLOCK), GAINS), draw.sample(range(BLOCK), LOSSES)
    return number % BLOCK in gains, number % BLOCK in losses


def write(path, text):
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text)


def make(out, pages=2000, distinct=2000, seed=1403):
    """Writes the site, or leaves it as it is when it is there already. Returns the manifest."""
    # The generator's own bytes are in it: a site of another generator is another site.
    with open(__file__, "rb") as source:
        wanted = {"pages": pages, "distinct": min(pages, distinct), "seed": seed,
                  "generator": hashlib.sha256(source.read()).hexdigest()[:12]}
    with contextlib.suppress(OSError, ValueError), open(f"{out}/manifest.json") as file:
        manifest = json.load(file)
        if all(manifest.get(key) == value for key, value in wanted.items()):
            return manifest
    shutil.rmtree(out, ignore_errors=True)
    for version in ("v1", "v2"):
        for kind in ("html", "json"):
            os.makedirs(f"{out}/{version}/{kind}")
    blocks, truth, sizes = Blocks(seed), [], {"html": 0, "json": 0}
    for kind in ("html", "json"):
        for number in range(wanted["distinct"]):
            draw = random.Random(f"{seed} {kind} {number}")
            slots, days = schedule(draw)
            later, new = changed(slots, days, *chosen(seed, kind, number), draw)
            state = draw.getstate()
            for version, shown in (("v1", slots), ("v2", later)):
                draw.setstate(state)
                text = (page(number, version, shown, blocks, draw) if kind == "html"
                        else document(number, version, shown, slots + later, days, draw))
                sizes[kind] += len(text.encode())
                write(f"{out}/{version}/{kind}/{number:05}.{kind}", text)
            for copy in range(number, pages, wanted["distinct"]):
                if new:
                    truth.append({"path": f"/{kind}/{copy:05}.{kind}", "date": new.date, "time": new.time,
                                  "price": persian(new.toman) if kind == "html" else str(new.toman * 1000)})
                for version in ("v1", "v2"):
                    if copy != number:
                        os.link(f"{out}/{version}/{kind}/{number:05}.{kind}", f"{out}/{version}/{kind}/{copy:05}.{kind}")
    with open(f"{out}/truth.jsonl", "w") as file:
        file.writelines(json.dumps(slot, ensure_ascii=False) + "\n" for slot in truth)
    switch(out, "v1")
    manifest = wanted | {"bytes": {kind: round(size / 2 / wanted["distinct"]) for kind, size in sizes.items()}}
    with open(f"{out}/manifest.json", "w") as file:
        json.dump(manifest, file)
    return manifest


def switch(out, version):
    """Every page at once: the link is replaced by a rename."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(f"{out}/next")
    os.symlink(version, f"{out}/next")
    os.replace(f"{out}/next", f"{out}/current")


NGINX = """\
{user}daemon off;
pid {run}/nginx.pid;
error_log {run}/error.log warn;
worker_processes 1;
events {{ worker_connections 4096; }}
http {{
  types {{ text/html html; application/json json; }}
  charset utf-8;
  charset_types application/json;
  sendfile on;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  access_log off;
  client_body_temp_path {run}/1;
  proxy_temp_path {run}/2;
  fastcgi_temp_path {run}/3;
  uwsgi_temp_path {run}/4;
  scgi_temp_path {run}/5;
  log_format status $status;
  server {{
    listen 127.0.0.1:{port} backlog=1024;
    etag off;
    if_modified_since off;
    location / {{ root {out}/current; add_header Last-Modified ""; }}
  }}
  server {{
    listen 127.0.0.1:{etag_port} backlog=1024;
    access_log {run}/etag.log status;
    location / {{ root {out}/current; }}
  }}
}}
"""


def free_ports():
    with socket.socket() as one, socket.socket() as other:
        for taken in (one, other):
            taken.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


class Server:
    """nginx or the server below, a child of this process; it ends with the `with`."""

    def __init__(self, out, port=0, etag_port=0, python=False):
        self.out, self.run = os.path.abspath(out), os.path.abspath(out) + "/run"
        some, others = free_ports()
        self.port, self.etag_port = port or some, etag_port or others
        nginx = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
        self.kind = "python" if python or not nginx else "nginx"
        os.makedirs(self.run, exist_ok=True)
        open(self.run + "/etag.log", "w").close()
        if self.kind == "nginx":
            with open(self.run + "/nginx.conf", "w") as file:
                # As root, nginx would become a user that may not read the folder.
                file.write(NGINX.format(user="user root;\n" if os.geteuid() == 0 else "", run=self.run, out=self.out,
                                        port=self.port, etag_port=self.etag_port))
            self.command = [nginx, "-c", self.run + "/nginx.conf", "-e", self.run + "/error.log"]
        else:
            self.command = [sys.executable, os.path.abspath(__file__), "answer", "--out", self.out, "--port", str(self.port),
                            "--etag-port", str(self.etag_port)]

    def __enter__(self):
        self.process = subprocess.Popen(self.command)
        deadline = time.monotonic() + 10
        for port in (self.port, self.etag_port):
            while True:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.__exit__()
                    sys.exit(f"bench: {self.kind} did not start; see {self.run}/error.log")
                time.sleep(0.02)
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(10)

    @property
    def plain(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def etag(self):
        return f"http://127.0.0.1:{self.etag_port}"

    def statuses(self):
        """How often the port with ETags answered what since the last call."""
        counts = {}
        with open(self.run + "/etag.log", "r+") as file:
            for line in file:
                counts[line.strip()] = counts.get(line.strip(), 0) + 1
            file.truncate(0)
        return counts


async def answer(out, log, reader, writer):
    """One connection. GET alone, and of the headers If-None-Match alone."""
    types = {"html": "text/html; charset=utf-8", "json": "application/json; charset=utf-8"}
    try:
        while True:
            lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            path = lines[0].split(" ")[1]
            asked = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
            tag = headers = ""
            try:
                if ".." in path:
                    raise OSError
                with open(f"{out}/current{path}", "rb") as file:
                    status, body = "200 OK", file.read()
                if log:
                    information = os.stat(f"{out}/current{path}")
                    tag = f'"{information.st_mtime_ns:x}-{information.st_size:x}"'
                    headers = f"ETag: {tag}\r\n"
                    if asked.get("if-none-match") == tag:
                        status, body = "304 Not Modified", b""
            except OSError:
                status, body = "404 Not Found", b""
            if log:
                print(status[:3], file=log, flush=True)
            if not status.startswith("304"):
                headers += f"Content-Length: {len(body)}\r\n"
            kind = types.get(path.rsplit(".", 1)[-1], "text/plain")
            writer.write(f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{headers}\r\n".encode() + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def answer_all(arguments):
    with open(arguments.out + "/run/etag.log", "a") as log:
        for port, where in ((arguments.port, None), (arguments.etag_port, log)):
            await asyncio.start_server(lambda r, w, where=where: answer(arguments.out, where, r, w), "127.0.0.1", port, backlog=1024)
        await asyncio.Event().wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    # `answer` is the server in Python itself; `serve` starts it.
    parser.add_argument("what", choices=["make", "serve", "answer"], metavar="make|serve")
    parser.add_argument("--out", required=True)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--distinct", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1403)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--etag-port", type=int, default=0)
    parser.add_argument("--python", action="store_true", help="serve without nginx")
    arguments = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        if arguments.what == "make":
            print(json.dumps(make(arguments.out, arguments.pages, arguments.distinct, arguments.seed)))
        elif arguments.what == "answer":
            asyncio.run(answer_all(arguments))
        else:
            with Server(arguments.out, arguments.port, arguments.etag_port, arguments.python) as server:
                print(f"{server.kind}: {server.plain}, with ETags {server.etag}", flush=True)
                server.process.wait()


if __name__ == "__main__":
    main()
