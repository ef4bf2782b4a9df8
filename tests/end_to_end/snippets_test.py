#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""snippets_test.py CXX ROOT README...: every C++ example of the READMEs compiles.

One with a main() is compiled as it stands. Of any other, each paragraph has to stand in a source of apps/ or tests/,
but for white space: those are compiled, and run."""
import re
import subprocess
import sys
from pathlib import Path


def squeeze(text):
    return re.sub(r"\s+", "", text)


def is_compiled(cxx, root, program):
    done = subprocess.run([cxx, "-std=c++20", "-fsyntax-only", "-I", root / "framework", "-x", "c++", "-"], input=program,
                          capture_output=True, text=True, timeout=100, check=False)
    print(done.stderr, end="")
    return done.returncode == 0


def main():
    cxx, root, *readmes = sys.argv[1:]
    root = Path(root)
    sources = [squeeze(path.read_text()) for folder in ("apps", "tests") for path in (root / folder).rglob("*.[ch]pp")]
    wrong = count = 0
    for readme in readmes:
        for block in re.findall(r"^```cpp\n(.*?)^```", (root / readme).read_text(), re.MULTILINE | re.DOTALL):
            if "int main(" in block:
                count += 1
                if not is_compiled(cxx, root, block):
                    wrong += 1
                    print(f"{readme}: does not compile:\n{block}")
                continue
            for paragraph in block.strip().split("\n\n"):
                count += 1
                if not any(squeeze(paragraph) in source for source in sources):
                    wrong += 1
                    print(f"{readme}: stands in no source:\n{paragraph}\n")
    print(f"{count - wrong} of {count} examples hold")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main())
