#!/usr/bin/env python3
"""How long `slothunter test` takes for N samples: the repository's own, copied until there are so many.

Beside it, in the same run, what reading the files and parsing their JSON takes in python: a ratio that says more than
seconds do on a machine that others use.

    bench/samples.py PROGRAM [N]
"""
import glob
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time


def copies(root, folder, count):
    cases = sorted(path for path in glob.glob(f"{root}/samples/*/*/expected.json"))
    shutil.copytree(f"{root}/sites", f"{folder}/sites")
    made = []
    for number in range(count):
        source = os.path.dirname(cases[number % len(cases)])
        site = os.path.basename(os.path.dirname(source))
        target = f"{folder}/samples/{site}/{os.path.basename(source)}-{number:04}"
        shutil.copytree(source, target)
        made.append(target)
    return made


def parsed(cases):
    start = time.process_time()
    for case in cases:
        for path in glob.glob(f"{case}/exchanges/*") + [f"{case}/expected.json"]:
            with open(path, "rb") as file:
                body = file.read()
            if path.endswith(".json"):
                try:
                    json.loads(body)
                except ValueError:
                    pass  # cut off on purpose
    return time.process_time() - start


def main():
    program = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with tempfile.TemporaryDirectory() as folder:
        cases = copies(root, folder, count)
        reference = parsed(cases)
        start = time.monotonic()
        result = subprocess.run([program, "test"], cwd=folder, capture_output=True, text=True)
        took = time.monotonic() - start
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = usage.ru_utime + usage.ru_stime
        print(f"{count} samples: {took:.2f} s, {cpu:.2f} s of CPU: {cpu / reference:.1f}x of reading and parsing them in python")
        print(result.stdout.splitlines()[-1] if result.stdout else result.stderr)
        if result.returncode != 0:
            sys.exit("not all are as expected")
        if took > 5:
            sys.exit("over 5 s")


if __name__ == "__main__":
    main()
