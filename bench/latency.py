#!/usr/bin/env python3
"""How long from a site's answer to the request to the channel, with the store on disk?

usage: bench/latency.py [SLOTHUNTER] [ALERTS]

Twenty watches a second whose page has a new slot each time it is read; the site notes when it had sent a page, the webhook
when a message's head had arrived, and both are one process, so there is one clock. Its own work counts as ours. First with
nothing else to do, then with 400 more watches a second on pages that do not change. Ends with 1 where a p99 is 50 ms or more
(issue 4, acceptance 5) or an alert is missing.
"""
import os, re, sys, time
from stand import DiskReference, Service, Stand

program = sys.argv[1] if len(sys.argv) > 1 else ".build/release/slothunter"
wanted = int(sys.argv[2]) if len(sys.argv) > 2 else 400
LIMIT_MS = 50
HOOK = '{channel="hook"}'
FLIPPING, QUIET = 20, 400


def quantile(values, share):
    return values[min(len(values) - 1, int(share * len(values)))]


def measure(name, quiet):
    served, sent_at, heard_at = {}, {}, {}

    def slots(kind, number):
        if number >= FLIPPING:
            return [f"{kind}-{number}-old-{n}" for n in range(20)]
        served[kind, number] = served.get((kind, number), 0) + 1
        # The newest three: what came is told, what went is not.
        return [f"{kind}-{number}-slot-{n}" for n in range(max(1, served[kind, number] - 2), served[kind, number] + 1)]

    def sent(kind, number, at):
        if number < FLIPPING:
            sent_at[f"{kind}-{number}-slot-{served[kind, number]}"] = at

    def heard(body, at):
        for slot in re.findall(rb"(?:page|json)-\d+-slot-\d+", body):
            heard_at.setdefault(slot.decode(), at)

    stand = Stand(slots, heard, sent)
    watches = [("page" if n % 2 else "json", n) for n in range(FLIPPING + quiet)]
    service = Service(program, stand, watches)
    try:
        # Starts are spread over some seconds; what is measured comes after.
        time.sleep(5)
        disk = DiskReference(service.folder)
        begun, requests, cpu = time.monotonic(), stand.requests, service.sample()[-1]
        end = begun + max(10, wanted / FLIPPING * 4)
        def news():
            return [slot for slot, at in list(sent_at.items()) if at > begun]
        while len(news()) < wanted and time.monotonic() < end and service.process.poll() is None:
            time.sleep(0.2)
        measured = news()
        took = time.monotonic() - begun
        busy = service.sample()[-1] - cpu
        figures, disk = service.scrape(), disk.end()
        runs = (stand.requests - requests) / took
        time.sleep(3)
    finally:
        code = service.stop()
        stand.close()
    # A watch's first page is a baseline, which tells nobody.
    late = sorted((heard_at[slot] - sent_at[slot]) * 1000 for slot in measured if slot in heard_at)
    missing = [slot for slot in measured if slot not in heard_at]
    service.remove()
    if not late:
        print(f"{name}: no alert came; exit code {code}")
        return False
    p50, p95, p99 = (quantile(late, share) for share in (0.5, 0.95, 0.99))
    print(f"{name:8} {len(late):5} alerts  {runs:6.0f} runs/s  CPU {100 * busy / took:5.1f} %  "
          f"p50 {p50:6.2f} ms  p95 {p95:6.2f} ms  p99 {p99:6.2f} ms  max {late[-1]:6.2f} ms  missing {len(missing)}")
    def mean(metric, labels=""):
        return 1000 * figures[f"{metric}_sum{labels}"] / figures[f"{metric}_count{labels}"]
    print(f"         of it, on average: the run's commit {mean('slothunter_run_commit_seconds'):.1f} ms; the message's acceptance, from its "
          f"creation {mean('slothunter_delivery_latency_seconds', HOOK):.1f} ms, from the attempt's start {mean('slothunter_attempt_duration_seconds', HOOK):.1f} ms; the disk alone, for one of the three "
          f"commits between: p50 {quantile(disk, 0.5):.1f} ms, p99 {quantile(disk, 0.99):.1f} ms")
    return p99 < LIMIT_MS and not missing and len(late) >= 200 and code == 0


print(f"page sent -> message's head received, both on loopback; store on disk; load {os.getloadavg()[0]:.1f} at the start")
results = [measure("idle", 0), measure("loaded", QUIET)]
print("p99 under 50 ms: " + ("yes" if all(results) else "NO"))
sys.exit(0 if all(results) else 1)
