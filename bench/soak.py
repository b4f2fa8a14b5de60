#!/usr/bin/env python3
"""Does a service that runs for long grow? Memory, descriptors and threads, every ten seconds.

usage: bench/soak.py [SLOTHUNTER] [MINUTES]

The real service against a site and a webhook on loopback: pages and JSON, half of them changing each time they are read, one
message in fifty refused, the metrics scraped, a reload a minute. Compares the median resident size of the last tenth of the
time with that of the tenth after the middle (of 20 minutes: 18 to 20 with 10 to 12) and ends with 1 where it has grown by
more than 0.5 MB or there are more open files, where there are ever more sockets than may be in use at once (kept connections
come and go with bursts), or more threads than at first and two workers that libdispatch adds while another one waits for the
disk (issue 4, acceptance 8).
"""
import os, signal, statistics, sys, time
from stand import CONCURRENCY, SENDS, Service, Stand

program = sys.argv[1] if len(sys.argv) > 1 else ".build/release/slothunter"
minutes = float(sys.argv[2]) if len(sys.argv) > 2 else 20
EVERY, WATCHES, LIMIT_KIB = 10, 60, 512
# And the one that listens for scrapes, a scrape, and curl's pair to wake its thread.
SOCKETS = CONCURRENCY + SENDS + 4
WORKERS = 2

served = {}


def slots(kind, number):
    served[kind, number] = served.get((kind, number), 0) + 1
    if number % 4 < 2:
        return [f"{kind}-{number}-old-{n}" for n in range(30)]
    # One comes and one goes with each reading. What is gone comes back: items that never do are kept for a month each, and a
    # store that rightly grows is not what is looked for.
    turn = served[kind, number]
    return [f"{kind}-{number}-slot-{n % 50}" for n in range(turn, turn + 10)]


heard = []
stand = Stand(slots, lambda body, at: heard.append(at), refuses=lambda count: count % 50 == 0)
service = Service(program, stand, [("page" if n % 2 else "json", n) for n in range(WATCHES)])
samples = []
begun = time.monotonic()
scrapes = reloads = 0
print(f"{minutes:g} minutes of {WATCHES} watches a second; load {os.getloadavg()[0]:.1f} at the start")
print(" minute  resident KiB  files  sockets  threads  CPU s   runs  messages  store KiB", flush=True)
try:
    next_look = begun + EVERY
    while (now := time.monotonic()) < begun + minutes * 60 + 1:
        time.sleep(max(0, next_look - now))
        if service.process.poll() is not None:
            break
        minute = (time.monotonic() - begun) / 60
        resident, files, sockets, threads, cpu = service.sample()
        samples.append((minute, resident, files, sockets, threads))
        print(f"{minute:7.1f} {resident:13} {files:6} {sockets:8} {threads:8} {cpu:6.1f} {stand.requests:6} {len(heard):9} "
              f"{os.path.getsize(service.folder + '/store.db') // 1024:10}", flush=True)
        scrapes += bool(service.scrape())
        if int(minute) > reloads:
            reloads += 1
            service.process.send_signal(signal.SIGHUP)
        next_look += EVERY
finally:
    code = service.stop()
    stand.close()


def window(start, end, column):
    return [sample[column] for sample in samples if start * minutes <= sample[0] <= end * minutes + 0.05]


problems = []
if code != 0 or not heard or not scrapes:
    problems.append(f"exit code {code}, {len(heard)} messages, {scrapes} scrapes; its log is {service.log}")
elif not (window(0.5, 0.6, 1) and window(0.9, 1, 1)):
    problems.append("too short to compare anything")
else:
    for name, column, limit in (("resident KiB", 1, LIMIT_KIB), ("files", 2, 0)):
        before, after = (statistics.median(window(*span, column)) for span in ((0.5, 0.6), (0.9, 1)))
        grows = after - before > limit
        print(f"{name:13} median of minutes {0.5 * minutes:g} to {0.6 * minutes:g}: {before:g}, "
              f"{0.9 * minutes:g} to {minutes:g}: {after:g}: {after - before:+g} (at most +{limit}){' TOO MUCH' if grows else ''}")
        if grows:
            problems.append(f"{name} grows")
    most = max(sample[3] for sample in samples)
    print(f"sockets       at most {most} (of {SOCKETS} that may be in use)")
    if most > SOCKETS:
        problems.append("more sockets than are used")
    threads = [sample[4] for sample in samples]
    print(f"threads       {threads[0]} at first, at most {max(threads)}, {threads[-1]} at last (at most +{WORKERS})")
    if max(threads) > threads[0] + WORKERS:
        problems.append("threads grow")
    if not problems:
        service.remove()
print("soak: " + ("; ".join(problems) if problems else "nothing grows"))
sys.exit(1 if problems else 0)
