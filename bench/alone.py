"""What SlotHunter promises of itself: how soon it starts, a thousand quiet watches, and growth with the number of pages."""
import contextlib, os, shutil, socket, subprocess, time

from contestants import Floor, Job, SlotHunter
from end_to_end import Lane, fault, targets, truth
from fixture import switch
from measuring import launch, median, note, ratio, table, times

STARTS = 15


def first_request(command, listener):
    """Milliseconds from the start of a process until it sends its first request, which gets no answer."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(10)
            connection.recv(1)
            return (time.monotonic() - start) * 1e3
    finally:
        process.kill()
        process.wait()


def starts(program, folder, draw):
    """A run over no watches, and `try` until its first request; beside the floor and curl, which do as little."""
    nothing = targets(folder, "html", 0)
    place = f"{folder}/starts"
    os.makedirs(f"{place}/floor")
    subprocess.run(SlotHunter(program).command(Job("http://127.0.0.1:9", nothing, place)), check=True,
                   env=os.environ | {"SLOTHUNTER": program})
    empty = {"SlotHunter": [program, "run", "--once", "--log=warn", "--config", f"{place}/slothunter.yaml"],
             "C floor": Floor(1).command(Job("http://127.0.0.1:9", nothing, f"{place}/floor"))}
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listener:
        listener.settimeout(10)
        root = f"http://127.0.0.1:{listener.getsockname()[1]}"
        asks = {"SlotHunter, `try`": [program, "try", "bench-html", "--param", "page=00001", "--config", f"{place}/slothunter.yaml",
                                      "--origin", f"https://bench.example={root}"], "curl": ["curl", "--silent", root]}
        wall, cpu = {name: [] for name in [*empty, *asks]}, {name: [] for name in empty}
        for _ in range(STARTS):
            for name in draw.sample([*empty, *asks], len(empty) + len(asks)):
                if name in empty:
                    run = launch(empty[name], {}, folder, 60)
                    wall[name].append(run.wall * 1e3)
                    cpu[name].append(run.cpu * 1e3)
                elif name != "curl" or shutil.which("curl"):
                    wall[name].append(first_request(asks[name], listener))
    rows = [["a run over no watches", name, f"{median(wall[name]):.1f}", f"{median(cpu[name]):.1f}",
             times(ratio(wall[name], wall["C floor"]))] for name in empty]
    rows += [["to the first request", name, f"{median(wall[name]):.1f}", "—", times(ratio(wall[name], wall["curl"]))]
             for name in asks if wall[name]]
    return table(["what", "who", "wall ms", "CPU ms", "against the other"], rows) + \
        f"\n\nMedians of {STARTS} interleaved starts."


def thousand(program, folder, server, rounds):
    """1,000 watches whose pages are, byte for byte, as they were."""
    switch(server.out, "v1")
    names = targets(folder, "html", 1000)
    lanes = [Lane(who, names, f"{folder}/thousand-{n}", server) for n, who in enumerate([SlotHunter(program), Floor(1)])]
    runs, faults = {lane: [] for lane in lanes}, []
    for lane in lanes:
        faults += [(lane.contestant, f"thousand, {wrong}") for wrong in [lane.learn()] if wrong]
    for _ in range(rounds):
        for lane in lanes:
            run, found = lane.run("unchanged")
            runs[lane].append(run)
            faults += [(lane.contestant, f"thousand: {wrong}") for wrong in [fault(run, found, set())] if wrong]
    by_floor = [run.cpu for run in runs[lanes[1]]]
    rows = [[lane.contestant.name, f"{median([run.cpu for run in of]):.2f}", times(ratio([run.cpu for run in of], by_floor)),
             f"{median([run.wall for run in of]):.2f}", f"{max(run.peak for run in of) / 1024:.1f}"] for lane, of in runs.items()]
    return table(["1,000 unchanged pages", "CPU s", "against the floor's", "wall s", "largest peak MB"], rows), faults


def growth(program, folder, server, sizes, rounds):
    """CPU a changed page by the number of pages, less what a run over none costs."""
    lanes, faults, runs = [], [], {}
    switch(server.out, "v1")
    for size in [0, *sizes]:
        note(f"growth: {size} pages twice")
        lane = Lane(SlotHunter(program), targets(folder, "html", size), f"{folder}/growth-{size}", server)
        faults += [(lane.contestant, f"growth {size}, {wrong}") for wrong in [lane.learn()] if wrong]
        lanes.append((size, lane, truth(server.out, lane.names)))
        runs[size] = []
    switch(server.out, "v2")
    for _ in range(rounds):
        for size, lane, new in lanes:
            run, found = lane.run("changed")
            runs[size].append(run)
            faults += [(lane.contestant, f"growth {size}: {wrong}") for wrong in [fault(run, found, new)] if wrong]
    page = {size: [(run.cpu - none.cpu) / size for run, none in zip(runs[size], runs[0])] for size in sizes}
    rows = [[f"{size:,}", f"{median(page[size]) * 1e3:.3f}", times(ratio(page[size], page[sizes[-2 if len(sizes) > 1 else 0]])),
             f"{median([run.wall for run in runs[size]]):.2f}", f"{median([run.peak for run in runs[size]]) / 1024:.0f}"]
            for size in sizes]
    fixed = median([run.cpu for run in runs[0]]) * 1e3
    middle = sizes[-2 if len(sizes) > 1 else 0]
    return table(["changed pages", "CPU ms/page", f"against {middle:,}", "wall s", "peak MB"], rows) + \
        f"\n\nMedians of {rounds} rounds; a run over none, {fixed:.0f} ms of CPU with its shell, is taken off.", faults
