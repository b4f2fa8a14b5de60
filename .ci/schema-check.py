"""Are the JSON Schemas schemas, and does an independent validator (python3-jsonschema) judge by them as we do?

Without arguments: the schemas of docs/reference against the meta-schema of draft-07, and every file that ships against its
schema (needs PyYAML). With a file: one case a line, {"kind", "id", "value", "valid"}; each is judged anew.
Exit code 1 where anything differs.
"""

import glob
import json
import re
import sys

import jsonschema

FOLDER = "docs/reference"


def schemas():
    found = {}
    for kind in ("site", "notifier", "slothunter"):
        with open(f"{FOLDER}/{kind}.schema.json", encoding="utf-8") as file:
            found[kind] = json.load(file)
    return found


def core_yaml(path):
    """YAML 1.2's core schema, as the program and editors read it: PyYAML's own is 1.1, where `on` is true."""
    import yaml

    class Core(yaml.SafeLoader):
        pass

    Core.yaml_implicit_resolvers = {}
    for tag, pattern, first in (
        ("null", r"(?:~|null|Null|NULL|)", ["~", "n", "N", ""]),
        ("bool", r"(?:true|True|TRUE|false|False|FALSE)", list("tTfF")),
        ("int", r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)", list("-+0123456789")),
        ("float", r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)", list("-+.0123456789")),
    ):
        Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^{pattern}$"), first)
    with open(path, encoding="utf-8") as file:
        return yaml.load(file, Core)


def check_files(found):
    problems, count = [], 0
    files = [("slothunter", "slothunter.yaml")]
    files += [("site", path) for path in sorted(glob.glob("sites/*.yaml"))]
    files += [("notifier", path) for path in sorted(glob.glob("notifiers/*.yaml"))]
    for kind, path in files:
        count += 1
        for error in jsonschema.Draft7Validator(found[kind]).iter_errors(core_yaml(path)):
            problems.append(f"{path}: /{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}")
    return problems, f"3 schemas are draft-07, {count} files are as they say"


def check_cases(found, path):
    validators = {kind: jsonschema.Draft7Validator(schema) for kind, schema in found.items()}
    problems, count = [], 0
    with open(path, encoding="utf-8") as file:
        for line in file:
            case = json.loads(line)
            count += 1
            if validators[case["kind"]].is_valid(case["value"]) != case["valid"]:
                problems.append(f"{case['id']}: the kit says {'valid' if case['valid'] else 'refused'}")
    return problems, f"{count} cases are judged alike"


def main():
    found = schemas()
    for schema in found.values():
        jsonschema.Draft7Validator.check_schema(schema)
    problems, summary = check_cases(found, sys.argv[1]) if len(sys.argv) > 1 else check_files(found)
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(1)
    print(f"schema-check: {summary}")


main()
