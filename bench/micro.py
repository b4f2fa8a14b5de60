#!/usr/bin/env python3
"""CPU of the parts on the pages of the fixture site, in one table.

  bench/micro.py [--lab .build/bench/release/stream-lab] [--match .build/bench/release/bench-match]

Runs `stream-lab bench` and `stream-lab json` (pages and documents read, and selected from) and, where it is built, `bench-match`
(subscriptions x items); the last column compares with the first row of each. `make bench-outbox` and `make bench-faults` have
tables of their own.
"""
import argparse, glob, os, re, subprocess, sys

from contestants import ROOT
from fixture import make
from measuring import note, only_one, say, table, times

# As many as instructions.py takes: they share the folder.
PAGES = 200
LINE = re.compile(r"^\s+([\d.e-]+)\s{2}(.*?)(?:\s{2}\(.*\))?$")


def timed(heading, program, command, paths):
    """The rows of one table of the lab; the first line of it is a heading."""
    out = subprocess.run([program, command, *paths], capture_output=True, text=True)
    if out.returncode:
        sys.exit(f"bench: {program} {command} ended with {out.returncode}: {out.stderr}")
    found = [(float(line[1]), line[2]) for line in map(LINE.match, out.stdout.splitlines()) if line]
    if not found:
        sys.exit(f"bench: {program} {command} printed no figures")
    return [[heading, name, f"{cost:.4f}", times(cost / found[0][0])] for cost, name in found]


def measure(lab):
    """A table, in Markdown."""
    site = f"{ROOT}/.build/bench-site-small"
    make(site, PAGES, PAGES)
    rows = [row for kind, command in (("html", "bench"), ("json", "json"))
            for row in timed(f"{kind}, a page", lab, command, sorted(glob.glob(f"{site}/v1/{kind}/*.{kind}")))]
    return table(["what", "how", "CPU ms", "against the first"], rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lab", default=f"{ROOT}/.build/bench/release/stream-lab")
    parser.add_argument("--match", default=f"{ROOT}/.build/bench/release/bench-match")
    arguments = parser.parse_args()
    if not os.access(arguments.lab, os.X_OK):
        sys.exit(f"bench: no program {arguments.lab}: run `make stream-lab`")
    only_one()
    say(measure(arguments.lab))
    if os.access(arguments.match, os.X_OK):
        say(f"\n{subprocess.run([arguments.match], capture_output=True, text=True, check=True).stdout.strip()}")
    else:
        note(f"skipped: {arguments.match} (not built; `make bench-match` builds it)")


if __name__ == "__main__":
    main()
