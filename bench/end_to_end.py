"""Every contestant on every set of pages in four modes, in interleaved and shuffled rounds; every run checked against the truth.

first      nothing is known; v1 is read and stored, and nothing is to be reported
changed    v1 was read once, the site shows v2: exactly the new slots are to be reported
unchanged  v1 was read twice and is shown, without ETags: nothing is to be reported
304        the same with ETags: every answer is to be a 304
"""
import json, os, random, shutil
from collections import defaultdict

from contestants import Job
from fixture import switch
from measuring import launch, median, note, ratio, table, times

MODES = ("first", "changed", "unchanged", "304")


def targets(folder, kind, count):
    path = f"{folder}/{kind}-{count}.txt"
    with open(path, "w") as file:
        file.writelines(f"{kind} /{kind}/{number:05}.{kind}\n" for number in range(count))
    return path


def truth(site, names):
    """The new slots of the pages in a file of targets."""
    with open(names) as file:
        paths = {line.split()[1] for line in file}
    with open(site + "/truth.jsonl") as file:
        slots = (json.loads(line) for line in file)
        return {(slot["path"], slot["date"], slot["time"], slot["price"]) for slot in slots if slot["path"] in paths}


def fault(run, found, wanted, statuses=None, pages=0):
    """What is wrong with a run, or nothing."""
    if run.status:
        return f"exit code {run.status}"
    missing, extra, twice = len(wanted - set(found)), len(set(found) - wanted), len(found) - len(set(found))
    if missing or extra or twice:
        return f"{missing} missing, {extra} extra, {twice} twice"
    if statuses is not None and statuses != {"304": pages}:
        return f"{statuses} for {pages} pages"
    return None


class Lane:
    """One contestant on one set of targets: its folders, and what it knew after v1 was read once and twice."""

    def __init__(self, contestant, names, folder, server):
        self.contestant, self.names, self.folder, self.server = contestant, names, folder, server
        os.makedirs(folder)

    def _place(self, mode):
        """Always the same folder: a contestant may store its name."""
        state = f"{self.folder}/{'etag' if mode == '304' else 'plain'}"
        return state, Job(self.server.etag if mode == "304" else self.server.plain, self.names, state)

    def _run(self, job):
        run = launch(self.contestant.command(job), self.contestant.environment, self.folder)
        return run, self.contestant.found(run.out)

    def run(self, mode):
        """From an empty state in mode `first`, else from one after v1."""
        state, job = self._place(mode)
        shutil.rmtree(state, ignore_errors=True)
        if mode == "first":
            os.mkdir(state)
            self.contestant.prepare(job)
        else:
            shutil.copytree(f"{state}.{'once' if mode == 'changed' else 'twice'}", state)
        return self._run(job)

    def learn(self, mode="plain"):
        """Two runs on v1, not timed, whose states others begin with: a page is known to be quiet when it was the same twice.
        Returns what is wrong with them."""
        state, job = self._place(mode)
        os.mkdir(state)
        self.contestant.prepare(job)
        wrong = []
        for reading in ("once", "twice"):
            run, found = self._run(job)
            wrong += [f"v1 {reading}: {fault(run, found, set())}"] if fault(run, found, set()) else []
            shutil.copytree(state, f"{state}.{reading}")
        return "; ".join(wrong)


def measure(able, kinds, count, rounds, peer_rounds, seed, folder, server):
    """Runs by (kind, mode, contestant's name), in the order of rounds; and the faults, (contestant, what) for each."""
    draw, runs, faults = random.Random(seed), defaultdict(list), []

    def judge(lane, label, wrong):
        if wrong:
            note(f"WRONG: {lane.contestant.name}, {label}: {wrong}")
            faults.append((lane.contestant, f"{label}: {wrong}"))

    for kind in kinds:
        names = targets(folder, kind, count)
        new = truth(server.out, names)
        lanes = [Lane(able[n], names, f"{folder}/{kind}-{n}", server) for n in range(len(able)) if kind in able[n].kinds]
        switch(server.out, "v1")
        for lane in lanes:
            note(f"{kind}: {lane.contestant.name} reads {count} pages twice")
            judge(lane, kind, lane.learn())
            if "304" in lane.contestant.modes:
                judge(lane, f"{kind}, with ETags", lane.learn("304"))
        for number in range(rounds):
            for mode in MODES:
                switch(server.out, "v2" if mode == "changed" else "v1")
                draw.shuffle(lanes)
                for lane in lanes:
                    if mode not in lane.contestant.modes or number >= (rounds if lane.contestant.is_ours else peer_rounds):
                        continue
                    server.statuses()
                    run, found = lane.run(mode)
                    statuses = server.statuses() if mode == "304" else None
                    judge(lane, f"{kind}, {mode}, round {number + 1}",
                          fault(run, found, new if mode == "changed" else set(), statuses, count))
                    runs[kind, mode, lane.contestant.name].append(run)
            note(f"{kind}: round {number + 1} of {rounds}")
    return runs, faults


def report(runs, faults, count, able):
    """A table for each kind and mode, and the sentence about right and wrong."""
    floor, floor_2 = "C floor, 1 thread", "C floor, 2 threads"
    parts = []
    for kind in ("html", "json"):
        for mode in MODES:
            rows = []
            for name in (contestant.name for contestant in able):
                own = runs.get((kind, mode, name))
                if not own:
                    continue
                cpu, wall = [run.cpu for run in own], [run.wall for run in own]
                by_floor = [run.cpu for run in runs.get((kind, mode, floor), [])]
                by_two = [run.wall for run in runs.get((kind, mode, floor_2), [])]
                rows.append([name, f"{median(cpu) / count * 1e3:.3f}", times(ratio(cpu, by_floor)), f"{median(wall):.2f}",
                             f"{count / median(wall):.0f}", times(ratio(by_two, wall)),
                             f"{median([run.peak for run in own]) / 1024:.0f}"])
            if rows:
                parts.append(f"**{kind}, {mode}**\n\n" + table(
                    ["contestant", "CPU ms/page", "CPU against the floor's", "wall s", "pages/s",
                     "pages/s against 2 threads'", "peak MB"], rows))
    checked = sum(len(of) for (kind, mode, name), of in runs.items() if "fetch only" not in name)
    right = (f"All {checked} checked runs reported exactly the truth." if not faults else
             "Not all runs were right:\n\n" + "\n".join(f"- {contestant.name}, {what}" for contestant, what in faults))
    return "\n\n".join(parts + [right])
