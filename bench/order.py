#!/usr/bin/env python3
"""Writes which functions of SlotHunter a run over quiet and changed watches executes: docs/adr/0031.

  bench/order.py [--pages 300]

Counted by callgrind, by address. Those of a quiet run come first, then what changed pages and JSON documents add, each by
how much is done in it. `swift build -c release` lays the program out by that list.
"""
import argparse, bisect, collections, os, re, shutil, subprocess, sys, tempfile

from contestants import ROOT, SlotHunter, build
from end_to_end import Lane, targets
from fixture import Server, make, switch
from instructions import Counted, bare, count
from measuring import note, only_one

LIST = f"{ROOT}/Sources/slothunter/Layout/hot-functions.txt"
RUNS = (("html", "unchanged"), ("html", "changed"), ("json", "changed"))


def executed(profile, program):
    """Instructions at each address of the program's own text, without those of the functions called from there."""
    costs, names = collections.Counter(), {}
    current, address, is_call = None, 0, False
    with open(profile, errors="replace") as file:
        for line in file:
            if found := re.match(r"c?ob=\((\d+)\)(?: (.*))?", line):
                if found[2]:
                    names[found[1]] = found[2]
                if line[0] == "o":
                    current = found[1]
            elif line.startswith("calls="):
                is_call = True
            elif line[0] in "0+-*":
                where, *_, cost = line.split()
                if where[0] in "+-":
                    address += int(where, 0)
                elif where[0] == "0":
                    address = int(where, 16)
                if not is_call and names[current].endswith(program):
                    costs[address] += int(cost)
                is_call = False
    return costs


def functions(program):
    """Start and end of each function, by address, and all of its names."""
    out = subprocess.run(["nm", "-n", "-S", program], check=True, capture_output=True, text=True).stdout
    known = {}
    for fields in map(str.split, out.splitlines()):
        if len(fields) == 4 and fields[2] in "tTwWV":
            start = int(fields[0], 16)
            known.setdefault(start, (start + int(fields[1], 16), []))[1].append(fields[3])
    return sorted((start, end, names) for start, (end, names) in known.items())


def hottest(costs, known):
    starts, sums = [start for start, _, _ in known], collections.Counter()
    for address, cost in costs.items():
        place = bisect.bisect_right(starts, address) - 1
        if place >= 0 and address < known[place][1]:
            sums[place] += cost
    return [name for place, _ in sums.most_common() for name in sorted(known[place][2])]


def profiles(program, pages):
    """What each of the runs executed; the two before it are not counted."""
    made = f"{ROOT}/.build/bench-site-small"
    make(made, pages, pages, 1403)
    with tempfile.TemporaryDirectory(prefix="slothunter-bench-") as folder, Server(made) as server:
        copy = bare(program, folder)
        for number, (kind, mode) in enumerate(RUNS):
            switch(server.out, "v1")
            counted = Counted(SlotHunter(copy), copy, ["--dump-instr=yes"])
            lane = Lane(counted, targets(folder, kind, pages), f"{folder}/{number}", server)
            if wrong := lane.learn():
                sys.exit(f"bench: {wrong}")
            switch(server.out, "v2" if mode == "changed" else "v1")
            note(f"{kind}, {mode}: {count(lane, mode):,} instructions")
            yield executed(f"{lane.folder}/plain/counted", copy)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.environ.get("SLOTHUNTER", f"{ROOT}/.build/release/slothunter"))
    parser.add_argument("--pages", type=int, default=300)
    arguments = parser.parse_args()
    if not shutil.which("valgrind"):
        sys.exit("bench: no valgrind in PATH: apt-get install valgrind")
    only_one()
    build(note)
    program = os.path.abspath(arguments.program)
    known = functions(program)
    ordered = dict.fromkeys(name for costs in profiles(program, arguments.pages) for name in hottest(costs, known))
    with open(LIST, "w") as file:
        file.writelines(f"{name}\n" for name in ordered)
    note(f"{len(ordered):,} functions: {os.path.relpath(LIST, ROOT)}; build again to lay the program out by it")


if __name__ == "__main__":
    main()
