#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""readme_test.py PROGRAM README [HEADING]: every curl line of the README does what the README says.

Of the part under "## HEADING" if one is given, which is about a program of its own, else of all the others.

In ```console blocks a line "$ curl ..." is run against a fresh PROGRAM; the lines up to an empty one, the next "$"
or the end of the block are what it must print. "..." there stands for any text. A curl line without output is run, too,
and has to succeed. "$ name=$(curl ...)" keeps what it printed for the lines below. Other commands are left alone.
"""
import os
import re
import subprocess
import sys
import tempfile

README_ADDRESS = re.compile(r"(?:localhost|127\.0\.0\.1):8080")
SKIPPED = 77
OWN_PROGRAM = "Your first service"


def part_of(text, heading):
    parts = re.split(r"^## ", text, flags=re.MULTILINE)
    if heading:
        return next(part for part in parts if part.splitlines()[0] == heading)
    return "".join(part for part in parts if not part.startswith(OWN_PROGRAM))


def read_examples(text):
    examples = []
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        current = None
        for line in block.splitlines():
            if line.startswith("$ "):
                current = ([line[2:]], []) if re.match(r"\$ (\w+=\$\()?curl ", line) else None
                if current:
                    examples.append(current)
            elif current and current[0][-1].endswith("\\") and not current[1]:
                current[0].append(line)  # a command on several lines
            elif not line.strip():
                current = None
            elif current:
                current[1].append(line)
    return [("\n".join(command), "\n".join(output)) for command, output in examples]


def matches(expected, actual):
    pattern = ".*?".join(re.escape(part) for part in expected.split("..."))
    return re.fullmatch(pattern, actual.replace("\r\n", "\n").strip("\n"), re.DOTALL) is not None


def wait_for_port(server):
    for line in server.stdout:
        found = re.search(r'"event":"serving".*"address":"127\.0\.0\.1:(\d+)"', line)
        if found:
            return found.group(1)
    raise SystemExit(f"the program ended without serving, code {server.wait()}")


def run_example(command, expected, port):
    command = README_ADDRESS.sub(f"localhost:{port}", command)
    assigned = re.match(r"(\w+)=\$\((.*)\)$", command, re.DOTALL)
    if assigned:
        os.environ[assigned[1]] = subprocess.run(["bash", "-c", assigned[2]], capture_output=True, text=True, timeout=20,
                                                 check=True).stdout
        return True
    # The progress meter goes to standard error; a person sees the answer only.
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=20, check=False)
    if done.returncode == 0 and (not expected or matches(expected, done.stdout)):
        return True
    print(f"$ {command}\nexit code {done.returncode}\n--- expected\n{expected}\n--- printed\n{done.stdout}{done.stderr}---")
    return False


def main():
    program, readme = sys.argv[1:3]
    heading = sys.argv[3] if len(sys.argv) > 3 else None
    try:
        with open(readme, encoding="utf-8") as file:
            examples = read_examples(part_of(file.read(), heading))
    except FileNotFoundError:
        examples = []
    if not examples:
        print(f"no ```console block with a curl line in {readme}: nothing to check")
        return SKIPPED
    with tempfile.TemporaryFile() as errors, tempfile.TemporaryDirectory() as data:
        server = subprocess.Popen(
            [program, "serve", "--port", "0", "--log.format", "json", "--drain.idle", "0ms", "--data", data],
            stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            port = wait_for_port(server)
            results = [run_example(command, expected, port) for command, expected in examples]
        finally:
            server.terminate()
            server.communicate(timeout=30)
    print(f"{sum(results)} of {len(results)} curl lines of the README work")
    return 0 if all(results) and server.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
