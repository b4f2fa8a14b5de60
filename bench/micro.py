#!/usr/bin/env python3
"""CPU of the parts on the pages of the fixture site, in one table.

  bench/micro.py [--built .build/bench/release]

Runs `stream-lab bench` and `stream-lab json` (pages and documents read, and selected from), `bench-parts` (comparing, wording,
laying out, waiting) and, where it is built, `bench-match` (subscriptions x items); the last column compares with the first row
of each. `make bench-outbox` and `make bench-faults` have tables of their own.
"""
import argparse, glob, os, re, subprocess, sys

from contestants import ROOT
from fixture import make
from measuring import note, only_one, say, table, times

# As many as instructions.py takes: they share the folder.
PAGES = 200
LINE = re.compile(r"^\s+([\d.e-]+)\s{2}(.*?)(?:\s{2}\(.*\))?$")


def timed(heading, program, *arguments):
    """The rows of what a program printed; the first line of it is a heading."""
    out = subprocess.run([program, *arguments], capture_output=True, text=True)
    if out.returncode:
        sys.exit(f"bench: {program} ended with {out.returncode}: {out.stderr}")
    found = [(float(line[1]), line[2]) for line in map(LINE.match, out.stdout.splitlines()) if line]
    if not found:
        sys.exit(f"bench: {program} printed no figures")
    return [[heading, name, f"{cost:.5f}", times(cost / found[0][0])] for cost, name in found]


def missing(built):
    """Those of the programs that are not there."""
    return [name for name in ("stream-lab", "bench-parts") if not os.access(f"{built}/{name}", os.X_OK)]


def measure(built):
    """A table, in Markdown."""
    site = f"{ROOT}/.build/bench-site-small"
    make(site, PAGES, PAGES)
    rows = [row for kind, command in (("html", "bench"), ("json", "json"))
            for row in timed(f"{kind}, a page", f"{built}/stream-lab", command, *sorted(glob.glob(f"{site}/v1/{kind}/*.{kind}")))]
    return table(["what", "how", "CPU ms", "against the first"], rows + timed("the rest", f"{built}/bench-parts"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--built", default=f"{ROOT}/.build/bench/release", help="the folder of the programs")
    arguments = parser.parse_args()
    if absent := missing(arguments.built):
        sys.exit(f"bench: no {' and no '.join(absent)} in {arguments.built}: `make bench-micro` builds them")
    only_one()
    say(measure(arguments.built))
    if os.access(f"{arguments.built}/bench-match", os.X_OK):
        out = subprocess.run([f"{arguments.built}/bench-match"], capture_output=True, text=True, check=True).stdout.strip()
        say(f"\n{out}")
    else:
        note("skipped: bench-match (not built; `make bench-match` builds it)")


if __name__ == "__main__":
    main()
