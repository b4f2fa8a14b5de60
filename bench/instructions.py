#!/usr/bin/env python3
"""Instructions a page, counted by callgrind: what can be repeated on any machine, however busy.

  bench/instructions.py [--pages 200] [--kinds html,json]

`run --once` over unchanged pages (read twice before) and over changed ones, less the same over none, for SlotHunter and the
C floor. Instructions of user space alone; threads and answers come in another order each time, so the last digits differ.
"""
import argparse, os, re, shutil, subprocess, sys, tempfile

from contestants import Contestant, Floor, ROOT, SlotHunter, build
from end_to_end import Lane, targets
from fixture import Server, make, switch
from measuring import note, only_one, say, table, times


class Counted(Contestant):
    """A contestant whose runs after the first two are counted."""

    def __init__(self, of, program=None, options=()):
        self.of, self.program, self.name, self.environment, self.options = of, program, of.name, of.environment, options

    def command(self, job):
        command = self.of.command(job)
        if not os.path.exists(f"{job.state}.twice"):
            return command
        if self.program:
            # Without the shell around it, which is no part of what is asked.
            command = [self.program, "run", "--once", "--log=warn", "--config", f"{job.state}/slothunter.yaml", "--origin",
                       f"https://bench.example={job.site}"]
        return ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={job.state}/counted", *self.options, *command]

    def found(self, out):
        return []


def count(lane, mode):
    run, _ = lane.run(mode)
    if run.status:
        sys.exit(f"bench: {lane.contestant.name} under callgrind ended with {run.status}")
    with open(f"{lane.folder}/plain/counted") as file:
        return int(re.search(r"^(?:summary|totals): (\d+)", file.read(), re.M)[1])


def bare(program, folder):
    """A copy without debugging information, which valgrind can't always read; it is not needed for totals."""
    copy = f"{folder}/slothunter"
    subprocess.run(["objcopy", "--strip-debug", program, copy], check=True)
    return copy


def measure(program, pages, kinds, seed=1403):
    """A table, in Markdown."""
    made, rows = f"{ROOT}/.build/bench-site-small", []
    make(made, pages, pages, seed)
    with tempfile.TemporaryDirectory(prefix="slothunter-bench-") as folder, Server(made) as server:
        program = bare(program, folder)
        for kind in kinds:
            totals = {}
            for number, contestant in enumerate([Counted(SlotHunter(program), program), Counted(Floor(1))]):
                for size in (0, pages):
                    switch(server.out, "v1")
                    lane = Lane(contestant, targets(folder, kind, size), f"{folder}/{kind}-{number}-{size}", server)
                    if wrong := lane.learn():
                        sys.exit(f"bench: {contestant.name}: {wrong}")
                    for mode in ("unchanged", "changed"):
                        switch(server.out, "v2" if mode == "changed" else "v1")
                        totals[contestant.name, mode, size] = count(lane, mode)
                        note(f"{kind}, {mode}, {size} pages: {contestant.name}: {totals[contestant.name, mode, size]:,}")
            names = list(dict.fromkeys(name for name, _, _ in totals))
            for mode in ("unchanged", "changed"):
                page = {name: (totals[name, mode, pages] - totals[name, mode, 0]) / pages for name in names}
                rows += [[f"{kind}, {mode}", name, f"{page[name]:,.0f}", times(page[name] / page[names[-1]]),
                          f"{totals[name, mode, 0] / 1e6:,.1f}"] for name in names]
    return table([f"{pages} pages", "who", "instructions/page", "against the floor", "millions to start and end"], rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.environ.get("SLOTHUNTER", f"{ROOT}/.build/release/slothunter"))
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--kinds", default="html,json")
    arguments = parser.parse_args()
    if not shutil.which("valgrind"):
        sys.exit("bench: no valgrind in PATH: apt-get install valgrind")
    only_one()
    build(note)
    say(measure(os.path.abspath(arguments.program), arguments.pages, arguments.kinds.split(",")))


if __name__ == "__main__":
    main()
