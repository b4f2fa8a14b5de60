"""Who takes part in bench/run.py. Each has what it needs before a run (not timed), its command, and how to read what it found."""
import json, os, re, shutil, subprocess
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
FLOOR, LAUNCH = f"{ROOT}/.build/bench-c/floor", f"{ROOT}/.build/bench-c/launch"

Job = namedtuple("Job", "site targets state")


def lines_of(out):
    """JSON lines as SlotHunter's contestant and the floor print them."""
    return [(slot["path"], slot["date"], slot["time"], slot["price"]) for slot in map(json.loads, out.splitlines())]


class Contestant:
    kinds, modes, is_ours = ("html", "json"), ("first", "changed", "unchanged", "304"), True
    environment = {}

    def prepare(self, job):
        pass

    def found(self, out):
        return lines_of(out)


class SlotHunter(Contestant):
    def __init__(self, program, streams=True):
        self.name = "SlotHunter" if streams else "SlotHunter, matcher off"
        self.environment = {"SLOTHUNTER": program} | ({} if streams else {"SLOTHUNTER_STREAM": "off"})
        # Nothing that the matcher could do differs there.
        if not streams:
            self.kinds, self.modes = ("html",), ("first", "changed", "unchanged")

    def command(self, job):
        return [f"{HERE}/contestant", "--site", job.site, "--targets", job.targets, "--state", job.state]


class Floor(Contestant):
    def __init__(self, threads):
        self.threads = threads
        self.name = f"C floor, {threads} thread{'s' if threads > 1 else ''}"

    def command(self, job):
        return [FLOOR, "--site", job.site, "--targets", job.targets, "--state", job.state, "--threads", str(self.threads)]


class Curl(Contestant):
    """Fetches and throws away: what the pages cost to have at all."""
    name, modes = "curl --parallel, fetch only", ("unchanged",)

    def prepare(self, job):
        with open(job.targets) as targets, open(job.state + "/curl", "w") as file:
            file.writelines(f'url = "{job.site}{line.split()[1]}"\noutput = "/dev/null"\n' for line in targets)

    def command(self, job):
        return ["curl", "--silent", "--fail", "--parallel", "--parallel-max", "16", "--config", job.state + "/curl"]

    def found(self, out):
        return []


class LineDiff(Contestant):
    """urlwatch and webchanges: a job a page, the slots' markup by XPath, and a report of the lines that are new."""
    kinds, modes, is_ours = ("html",), ("first", "changed", "unchanged"), False
    PAGE = re.compile(r"CHANGED: (/html/\S+)")
    SLOT = re.compile(r'^\+.*class="date">([^<]*)<.*class="time">([^<]*)<.*class="price">([^<]*)<')

    def __init__(self, name, program):
        self.name, self.program = name, program

    def prepare(self, job):
        # Without colours and with the whole difference; neither asks anybody but the fixture site.
        settings = {"display": {"new": False, "error": True, "unchanged": False},
                    "report": {"text": {"details": True, "footer": False, "line_length": 75, "minimal": False},
                               "stdout": {"color": False, "enabled": True}},
                    "job_defaults": {"url": {"http_client": "requests"}} if self.name == "webchanges" else {}}
        if self.name == "webchanges":
            settings |= {"version_check": {"enabled": False}}
        else:
            settings["job_defaults"] = {key: {} for key in ("all", "browser", "shell", "url")}
        # JSON is YAML.
        with open(job.state + "/settings.yaml", "w") as file:
            json.dump(settings, file)
        with open(job.state + "/hooks.py", "w"):
            pass
        with open(job.targets) as targets, open(job.state + "/jobs.yaml", "w") as file:
            for path in (line.split()[1] for line in targets):
                jobs = {"name": path, "url": job.site + path, "filter": [{"xpath": "//div[@class='slot']"}]}
                file.write("---\n" + json.dumps(jobs) + "\n")

    def command(self, job):
        jobs, store = ("--jobs", "--database") if self.name == "webchanges" else ("--urls", "--cache")
        return [self.program, jobs, job.state + "/jobs.yaml", "--config", job.state + "/settings.yaml", "--hooks",
                job.state + "/hooks.py", store, job.state + "/store.db"]

    def found(self, out):
        # A summary names each page before the report does, so the last name counts.
        slots, page = [], None
        for line in out.splitlines():
            if heading := self.PAGE.search(line):
                page = heading[1]
            elif page and (slot := self.SLOT.match(line)):
                slots.append((page, *slot.groups()))
        return slots


def contestants(program, say):
    """All that are here; the others are said by name."""
    able = [SlotHunter(program), SlotHunter(program, streams=False), Floor(1), Floor(2)]
    if shutil.which("curl"):
        able.append(Curl())
    else:
        say("skipped: curl (not installed)")
    for name in ("urlwatch", "webchanges"):
        if peer := shutil.which(name):
            able.append(LineDiff(name, peer))
        else:
            say(f"skipped: {name} (no such program in PATH)")
    return able


def build(say):
    """The C programs, where their sources are newer."""
    os.makedirs(os.path.dirname(FLOOR), exist_ok=True)
    flags = ["-O2", "-Wall", "-Wextra", "-Werror"]
    for made, source, libraries in ((FLOOR, "floor.c", ["libcurl", "libxml-2.0", "sqlite3"]), (LAUNCH, "launch.c", [])):
        source = f"{HERE}/{source}"
        if os.path.exists(made) and os.path.getmtime(made) > os.path.getmtime(source):
            continue
        say(f"building {os.path.relpath(made, ROOT)}")
        found = subprocess.run(["pkg-config", "--cflags", "--libs", *libraries], check=True, capture_output=True,
                               text=True).stdout.split() if libraries else []
        subprocess.run([os.environ.get("CC", "cc"), *flags, "-o", made, source, *found, "-lpthread"], check=True)
