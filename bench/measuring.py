"""One measured run, and what is made of many: medians, ratios within a round, tables in Markdown."""
import fcntl, os, statistics, subprocess, sys
from collections import namedtuple

from contestants import LAUNCH, ROOT

# Seconds, seconds of user and system time of the whole process tree, KiB of its largest process.
Run = namedtuple("Run", "wall cpu peak status out")


def say(line=""):
    print(line, flush=True)


def note(line):
    """What is no part of a result."""
    print(line, file=sys.stderr, flush=True)


def only_one():
    """Two benchmarks would switch the site under one another, and measure one another. The lock is let go with the process."""
    os.makedirs(f"{ROOT}/.build", exist_ok=True)
    descriptor = os.open(f"{ROOT}/.build/bench.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit("bench: another benchmark runs here")


def launch(command, environment, folder, seconds=600):
    """Runs a command under the launcher; its output is kept in a file, so that nobody waits for a reader."""
    out, figures = folder + "/out", folder + "/figures"
    with open(out, "wb") as stdout, open(folder + "/err", "wb") as stderr:
        subprocess.run([LAUNCH, str(seconds), figures, *command], stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr,
                       env=os.environ | environment, check=True)
    with open(figures) as file:
        wall, user, system, peak, status = file.read().split()
    with open(out, errors="replace") as file:
        return Run(float(wall), float(user) + float(system), int(peak), int(status), file.read())


def median(values):
    return statistics.median(values) if values else None


def ratio(ours, theirs):
    """The median of the ratios within the rounds: both had the same neighbours then."""
    return median([one / other for one, other in zip(ours, theirs) if other])


def times(value):
    return "—" if value is None else f"{value:.2f}×" if value < 10 else f"{value:.0f}×"


def table(heading, rows):
    """Markdown; all but the first column are set right."""
    return "\n".join("| " + " | ".join(row) + " |" for row in [heading, ["---"] + ["--:"] * (len(heading) - 1), *rows])
