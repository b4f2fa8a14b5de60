#!/usr/bin/env python3
"""SlotHunter beside a C floor, curl and the Python watchers that are installed, on a generated site on loopback.

  bench/run.py [--pages 2000] [--rounds 5] [--parts end,starts,thousand,growth] [--growth 200,2000,20000] [--results FILE]

Prints tables and, with --results, writes them to FILE with the machine's description. Trust ratios: each is the median of
the ratios within a round, in which all ran after one another in shuffled order. CPU is that of the whole process tree, from
wait4. Exits 1 when SlotHunter or the floor reported anything but the truth in any run.
"""
import argparse, datetime, os, platform, random, re, shlex, shutil, subprocess, sys, tempfile

import alone, end_to_end, instructions, micro
from contestants import ROOT, build, contestants
from fixture import Server, make
from measuring import note, only_one, say

COMMANDS = """\
| command | tells |
|---|---|
| `make bench` | CPU, speed and memory beside a C floor, `curl --parallel`, urlwatch and webchanges where they are installed; `N=2000 ROUNDS=5` |
| `make bench BENCH="--parts starts,thousand"` | how soon it starts; a thousand quiet watches; `growth` is another part |
| `make bench-micro` | the parts: pages by tree and matcher, JSON, diff, wording, formats, schedule |
| `make bench-instructions` | instructions a page, by callgrind |
| `make bench-match`, `bench-outbox`, `bench-faults` | subscriptions × items; an outbox of 100,000 rows; alerts beside a channel that fails |
| `bench/contestant --help` | SlotHunter for another benchmark |
"""

PARTS = ("end", "starts", "thousand", "growth")
GROWTH_ROUNDS = 3


def output(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def machine(server, program):
    with open("/proc/cpuinfo") as file:
        model = re.search(r"model name\s*: (.*)", file.read())
    with open("/proc/meminfo") as file:
        memory = int(file.readline().split()[1]) >> 20
    with open("/etc/os-release") as file:
        system = re.search(r'PRETTY_NAME="(.*)"', file.read())
    version = {name: output("pkg-config", "--modversion", name) for name in ("libcurl", "libxml-2.0", "sqlite3")}
    return [
        f"- {os.cpu_count()} × {model[1] if model else platform.machine()}, {memory} GiB, {system[1] if system else 'Linux'}, "
        f"kernel {platform.release()}",
        "- " + ", ".join(f"{name} {number}" for name, number in version.items()) + f", Python {platform.python_version()}",
        f"- {output(program, '--version') or 'slothunter'}, built {datetime.datetime.fromtimestamp(os.path.getmtime(program)):%Y-%m-%d %H:%M}, "
        f"beside sources at {output('git', '-C', ROOT, 'rev-parse', '--short', 'HEAD')}; pages served by {server.kind}"]


def load():
    """Other work on the machine, as the kernel tells it."""
    return f"{os.getloadavg()[0]:.1f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.environ.get("SLOTHUNTER", f"{ROOT}/.build/release/slothunter"),
                        help="default: $SLOTHUNTER, or .build/release/slothunter")
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peer-rounds", type=int, default=1, help="urlwatch and webchanges take part in so many of them (1)")
    parser.add_argument("--kinds", default="html,json")
    parser.add_argument("--growth", default="200,2000,20000", help="numbers of pages, smallest first")
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--seed", type=int, default=1403)
    parser.add_argument("--python-server", action="store_true", help="without nginx")
    parser.add_argument("--instructions", type=int, default=200, help="for --results: of so many pages (200); 0 leaves them out")
    parser.add_argument("--built", default=f"{ROOT}/.build/bench/release", help="for --results: where what micro.py runs is")
    parser.add_argument("--results", metavar="FILE", help="write the page of results")
    arguments = parser.parse_args()
    parts, sizes = arguments.parts.split(","), sorted(int(size) for size in arguments.growth.split(","))
    if unknown := set(parts) - set(PARTS):
        parser.error(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    program = os.path.abspath(arguments.program)
    if not os.access(program, os.X_OK):
        parser.error(f"no program {program}: run `make release`, or set SLOTHUNTER")
    only_one()
    skipped = []
    build(note)
    able = contestants(program, skipped.append)
    for line in skipped:
        say(line)
    count = max([arguments.pages] * ("end" in parts) + [1000] * ("thousand" in parts) + sizes * ("growth" in parts) + [1])
    site = f"{ROOT}/.build/bench-site"
    note(f"{count} pages of each kind")
    made = make(site, count, max(1000, min(arguments.pages, count)), arguments.seed)
    pages, faults, began = [], [], load()

    def part(heading, text):
        pages.append(f"## {heading}\n\n{text}")
        say(f"\n{pages[-1]}")

    with tempfile.TemporaryDirectory(prefix="slothunter-bench-") as folder, Server(site, python=arguments.python_server) as server:
        if "end" in parts:
            runs, wrong = end_to_end.measure(able, arguments.kinds.split(","), arguments.pages, arguments.rounds,
                                             arguments.peer_rounds, arguments.seed, folder, server)
            faults += wrong
            part(f"{arguments.pages:,} pages, from the fetch to the report",
                 end_to_end.report(runs, wrong, arguments.pages, able))
        if "starts" in parts:
            part("Starts", alone.starts(program, folder, random.Random(arguments.seed)))
        if "thousand" in parts:
            text, wrong = alone.thousand(program, folder, server, arguments.rounds)
            faults += wrong
            part("A thousand quiet watches", text)
        if "growth" in parts:
            text, wrong = alone.growth(program, folder, server, sizes, min(arguments.rounds, GROWTH_ROUNDS))
            faults += wrong
            part("Growth", text)
        described = machine(server, program)
    for contestant, what in faults:
        note(f"WRONG: {contestant.name}: {what}")
    if arguments.results:
        if absent := micro.missing(arguments.built):
            skipped.append(f"skipped: the parts ({', '.join(absent)} not built)")
        else:
            part("The parts", micro.measure(arguments.built))
        if shutil.which("valgrind") and arguments.instructions:
            part("Instructions", instructions.measure(program, arguments.instructions, arguments.kinds.split(",")))
        else:
            skipped.append("skipped: instructions (no valgrind in PATH, or not asked for)")
        write(arguments, made, described, skipped, began, pages)
    sys.exit(any(contestant.is_ours for contestant, _ in faults))


def write(arguments, made, described, skipped, began, pages):
    command = shlex.join(["bench/run.py", "--pages", str(arguments.pages), "--rounds", str(arguments.rounds), "--parts",
                          arguments.parts, "--growth", arguments.growth])
    size = made["bytes"]
    with open(arguments.results, "w") as file:
        file.write("\n".join([
            "# Benchmarks", "", "Written by `make bench-results`; edits are lost. How it is measured: "
            "[ADR 18](adr/0018-judged-beside-a-floor.md).", "", *described,
            f"- {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC, load average {began} at the start and {load()} at "
            f"the end, `{command}`", f"- pages: {size['html']:,} bytes of HTML, {size['json']:,} of JSON, {40} slots each",
            *(f"- {line}" for line in skipped), "", COMMANDS, "\n\n".join(pages), ""]))
    note(f"wrote {arguments.results}")


if __name__ == "__main__":
    main()
