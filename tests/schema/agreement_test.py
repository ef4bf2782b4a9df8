#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""agreement_test.py JUDGE [CASES]: the reader of described types and an independent validator agree.

CASES documents that are made from the schemas to be valid have to be accepted, as many that are made to be invalid have to
be refused with a 4xx that names a place that the validator names, too."""
import copy
import json
import random
import subprocess
import sys

try:
    import jsonschema
except ImportError:
    print("no python3-jsonschema here")
    sys.exit(77)

LETTERS = "abcXYZ 09-_äß水𝄞\"\\/\n"


class Maker:
    """Makes values of a schema."""

    def __init__(self, schema, rng):
        self.root, self.rng = schema, rng

    def resolve(self, schema):
        while "$ref" in schema:
            target = self.root
            for step in schema["$ref"].removeprefix("#/").split("/"):
                target = target[step.replace("~1", "/").replace("~0", "~")]
            schema = target
        return schema

    def make(self, schema, depth=0):
        schema, rng = self.resolve(schema), self.rng
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return rng.choice(schema["enum"])
        for key in ("oneOf", "anyOf"):
            if key in schema:
                return self.make(rng.choice(schema[key]), depth)
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = rng.choice(kind)
        return getattr(self, "make_" + (kind or "null"))(schema, depth)

    def make_null(self, _schema, _depth):
        return None

    def make_boolean(self, _schema, _depth):
        return self.rng.random() < 0.5

    def make_integer(self, schema, _depth):
        step = schema.get("multipleOf", 1)
        low, high = schema.get("minimum", -2**31), schema.get("maximum", 2**31)
        if self.rng.random() < 0.2:
            number = self.rng.choice([-(-low // step) * step, high // step * step])
        else:
            number = self.rng.randint(-(-low // step), high // step) * step
        return float(number) if abs(number) < 2**50 and self.rng.random() < 0.1 else number

    def make_number(self, schema, _depth):
        low, high = schema.get("minimum", -1e6), schema.get("maximum", 1e6)
        return self.rng.choice([low, high, self.rng.uniform(low, high), int((low + high) / 2)
                                if low <= int((low + high) / 2) <= high else low])

    def make_string(self, schema, _depth):
        if "pattern" in schema:
            return self.rng.choice(schema["examples"])
        low = schema.get("minLength", 0)
        high = schema.get("maxLength", low + 6)
        return "".join(self.rng.choice(LETTERS) for _ in range(self.rng.choice([low, high, self.rng.randint(low, high)])))

    def make_array(self, schema, depth):
        low = schema.get("minItems", 0)
        high = max(low, min(schema.get("maxItems", low + 3), low + 3 if depth < 4 else low))
        items = []
        for _ in range(self.rng.randint(low, high)):
            item = self.make(schema["items"], depth + 1)
            if not schema.get("uniqueItems") or item not in items:
                items.append(item)
        return items

    def make_object(self, schema, depth):
        made = {}
        for name, member in schema.get("properties", {}).items():
            if name in schema.get("required", []) or self.rng.random() < 0.6:
                made[name] = self.make(member, depth + 1)
        if isinstance(schema.get("additionalProperties"), dict):
            for _ in range(self.rng.randint(schema.get("minProperties", 0), schema.get("maxProperties", 3))):
                made[self.make_string({}, depth) + str(len(made))] = self.make(schema["additionalProperties"], depth + 1)
        items = list(made.items())
        self.rng.shuffle(items)
        return dict(items)


def with_bounds(schema):
    """A schema in which the formats of the OpenAPI registry that bound a number do so."""
    bounds = {"int32": (-2**31, 2**31 - 1), "uint32": (0, 2**32 - 1), "int64": (-2**63, 2**63 - 1), "uint64": (0, 2**64 - 1)}
    if isinstance(schema, list):
        return [with_bounds(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {name: with_bounds(member) for name, member in schema.items()}
    if schema.get("format") in bounds:
        low, high = bounds[schema["format"]]
        schema["minimum"] = max(schema.get("minimum", low), low)
        schema["maximum"] = min(schema.get("maximum", high), high)
    return schema


def places(value, path=()):
    yield path
    if isinstance(value, dict):
        for name, member in value.items():
            yield from places(member, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))


def spoil(value, rng):
    """Changes one place of a value, so that most results are invalid."""
    value = copy.deepcopy(value)
    path = rng.choice(list(places(value)))
    parent = value
    for step in path[:-1]:
        parent = parent[step]
    old = parent[path[-1]] if path else value
    other = rng.choice([None, True, -1, 3.5, 10**9, 10**25, -10**25, 1e300, "", "x" * 50, [], {}, [1, 1, 1, 1, 1, 1], {"a": 1}])
    choices = ["replace"]
    if isinstance(old, dict):
        choices += ["remove", "add", "add"]
    if isinstance(old, list):
        choices += ["repeat", "empty"]
    change = rng.choice(choices)
    if change == "remove" and old:
        del old[rng.choice(list(old))]
    elif change == "add":
        old["unknown~/" + str(rng.randint(0, 9))] = other
    elif change == "repeat" and old:
        old.extend(copy.deepcopy(old) * 4)
    elif change == "empty":
        old.clear()
    elif not path:
        return other
    else:
        parent[path[-1]] = other
    return value


def pointer(path):
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def blamed(errors):
    """All places that the validator finds fault with, those of members that are missing or unknown included."""
    found = set()
    for error in errors:
        here = tuple(error.absolute_path)
        found.add(pointer(here))
        if error.validator == "required":
            found.update(pointer((*here, name)) for name in error.validator_value if name not in error.instance)
        if error.validator == "additionalProperties":
            found.update(pointer((*here, name)) for name in error.instance)
        for inner in error.context or ():
            found |= blamed([inner])
    return found


class Judge:
    def __init__(self, program):
        self.process = subprocess.Popen([program, "read"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        encoding="utf-8")

    def read(self, name, text):
        self.process.stdin.write(f"{name}\t{text}\n")
        self.process.stdin.flush()
        status, *where = self.process.stdout.readline().rstrip("\n").split("\t")
        return [status, *map(json.loads, where)]


def main():
    program, cases = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    lines = subprocess.run([program, "schemas"], capture_output=True, text=True, check=True).stdout.splitlines()
    schemas = {name: with_bounds(json.loads(schema)) for name, schema in (line.split("\t") for line in lines)}
    validators = {name: jsonschema.Draft202012Validator(schema) for name, schema in schemas.items()}
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    judge, rng = Judge(program), random.Random(20260417)
    wrong = 0

    def report(what, name, text, verdict, errors=()):
        nonlocal wrong
        wrong += 1
        if wrong <= 10:
            print(f"{what}\n  {name}: {text}\n  reader: {verdict}\n  validator: {[e.message for e in errors][:3]}")

    counts = {"valid": 0, "invalid": 0}
    while min(counts.values()) < cases:
        name = rng.choice(list(schemas))
        value = Maker(schemas[name], rng).make(schemas[name])
        if counts["valid"] >= cases or (counts["invalid"] < cases and rng.random() < 0.55):
            value = spoil(value, rng)
        text = json.dumps(value, ensure_ascii=rng.random() < 0.5)
        errors = list(validators[name].iter_errors(value))
        verdict = judge.read(name, text)
        counts["invalid" if errors else "valid"] += 1
        if not errors and verdict != ["ok"]:
            report("refused what is valid", name, text, verdict)
        elif errors and verdict == ["ok"]:
            report("accepted what is invalid", name, text, verdict, errors)
        elif errors and (not verdict[0].startswith("4") or not blamed(errors) & set(verdict[1:])):
            report("names no place that is wrong", name, text, verdict, errors)
    print(f"{counts['valid']} valid and {counts['invalid']} invalid documents, {wrong} disagreements")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
