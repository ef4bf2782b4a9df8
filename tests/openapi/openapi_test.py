#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""openapi_test.py QUICKSTART PACKAGES WORK_DIR: others understand the OpenAPI document of the quickstart service.

An independent validator accepts the document, a client made from it type-checks, and that client calls every route of
the running service. PACKAGES holds package.json and package-lock.json; they are installed into WORK_DIR, which keeps
them for the next run. Skipped where neither they nor the npm registry is there."""
import hashlib
import json
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SKIPPED = 77
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
COMPILER_OPTIONS = {
    "strict": True,
    "noUncheckedIndexedAccess": True,
    "exactOptionalPropertyTypes": True,
    "module": "nodenext",
    "target": "es2022",
    "types": [],
    "skipLibCheck": True,
}


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=240, check=False,
                          **options)
    print(f"$ {' '.join(str(part) for part in command)}\n{done.stdout}{done.stderr}", end="")
    return done


def must(*command, **options):
    done = run(*command, **options)
    if done.returncode != 0:
        sys.exit(f"failed with exit code {done.returncode}")
    return done.stdout


def install_packages(packages, work):
    lock = (packages / "package-lock.json").read_bytes()
    stamp = work / "installed"
    wanted = hashlib.sha256(lock).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    if shutil.which("npm") is None:
        skip("there is no npm (Debian: apt-get install npm)")
    work.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(packages / name, work)
    if run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=work).returncode != 0:
        skip("npm could not install the packages: the registry cannot be reached")
    stamp.write_text(wanted)


def node_of(work):
    architecture = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine())
    node = work / f"node_modules/node-linux-{architecture}/bin/node"
    if not node.exists():
        skip(f"no Node for {platform.machine()}")
    return node


def compile_client(node, work, source):
    binaries = work / "node_modules/.bin"
    must(node, binaries / "openapi-typescript", "openapi.json", "--default-non-nullable=false", "--output",
         "schema.ts", cwd=work)
    shutil.copy(source, work)
    # What the client needs of Node, instead of all of @types/node.
    (work / "node.d.ts").write_text(
        'declare module "node:assert/strict" {\n'
        "  function assert(value: unknown, message?: string): asserts value;\n"
        "  namespace assert {\n"
        "    function equal(actual: unknown, expected: unknown): void;\n"
        "    function match(actual: string, expected: RegExp): void;\n"
        "    function deepEqual(actual: unknown, expected: unknown, message?: string): void;\n"
        "  }\n"
        "  export default assert;\n"
        "}\n"
        "declare const process: { argv: string[] };\n")
    (work / "tsconfig.json").write_text(json.dumps({"compilerOptions": COMPILER_OPTIONS,
                                                    "files": ["client.ts", "node.d.ts"]}))
    must(node, binaries / "tsc", "--project", "tsconfig.json", cwd=work)


def call_every_route(node, work, quickstart, operations):
    with tempfile.TemporaryDirectory() as data, \
            subprocess.Popen([quickstart, "serve", "--port", "0", "--data", data], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True) as server:
        try:
            for line in server.stdout:
                found = re.search(r'"event":"serving".*"address":"(127\.0\.0\.1:\d+)"', line)
                if found:
                    break
            else:
                sys.exit("quickstart ended without serving")
            must(node, "client.js", f"http://{found.group(1)}", "\n".join(operations), cwd=work)
        finally:
            server.terminate()


def main():
    quickstart, packages, work = Path(sys.argv[1]).resolve(), Path(sys.argv[2]), Path(sys.argv[3]).resolve()
    install_packages(packages, work)
    (work / "package.json").write_text('{"private": true, "type": "module"}')
    node = node_of(work)
    text = subprocess.run([quickstart, "openapi"], capture_output=True, text=True, timeout=60, check=True).stdout
    (work / "openapi.json").write_text(text)
    must(node, work / "node_modules/.bin/redocly", "lint", "openapi.json", cwd=work,
         env={"PATH": "/usr/bin:/bin", "HOME": str(work), "REDOCLY_TELEMETRY": "off"})
    compile_client(node, work, Path(__file__).with_name("client.ts"))
    operations = [f"{method} {path}" for path, item in json.loads(text)["paths"].items()
                  for method in METHODS if method in item]
    call_every_route(node, work, quickstart, operations)


if __name__ == "__main__":
    main()
