#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the tree looks like: its folders, the size and the frame of its files.

    tree_rules.py TREE         prints a line per violation and exits 1 if there is one
    tree_rules.py --self-test  checks that the checker finds what it should
"""
import os
import pathlib
import re
import sys
import tempfile

TOP_FOLDERS = {"src", "parsers", "man", "packaging", "tests", "testdata"}
IGNORED_FOLDERS = {"build", "__pycache__"}  # and those that begin with a dot, but .ci
SOURCES = (".h", ".cc")
SCRIPTS = (".py", ".sh")
TEXTS = SOURCES + SCRIPTS + (".txt", ".md", ".json", ".1", ".5", ".cmake")
MAX_LINES = 500  # of a file in src/ or parsers/
SPDX = "SPDX-License-Identifier: Apache-2.0"
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")


def walk(tree):
    for folder, folders, files in os.walk(tree):
        folders[:] = sorted(f for f in folders if f not in IGNORED_FOLDERS
                            and (not f.startswith(".") or f == ".ci"))
        for name in sorted(files):
            yield pathlib.Path(folder, name)


def check_top(tree):
    for entry in sorted(pathlib.Path(tree).iterdir()):
        if (entry.is_dir() and not entry.name.startswith(".")
                and entry.name not in TOP_FOLDERS | IGNORED_FOLDERS):
            yield f"{entry.name}/: the top level holds {', '.join(sorted(TOP_FOLDERS))} only"


def check_text(path, text):
    """Yields what is wrong with one text file; `path` is relative to the tree."""
    top, suffix = path.split("/")[0], pathlib.PurePath(path).suffix
    lines = text.splitlines()
    if text and not text.endswith("\n"):
        yield f"{path}:{len(lines)}: no newline at the end"
    if text.endswith("\n\n"):
        yield f"{path}:{len(lines)}: blank lines at the end"
    if top in ("src", "parsers") and suffix in SOURCES and len(lines) > MAX_LINES:
        yield f"{path}: {len(lines)} lines; no file is longer than {MAX_LINES}"
    if suffix in SOURCES + SCRIPTS and not any(SPDX in line for line in lines[:3]):
        yield f"{path}:1: no line '{SPDX}'"
    if suffix == ".h" and "#pragma once" not in text:
        yield f"{path}:1: no #pragma once"
    for number, line in enumerate(lines, 1):
        if UNFINISHED.search(line):
            yield f"{path}:{number}: finish it or write an issue: {line.strip()}"
        if suffix in SOURCES + SCRIPTS and line != line.rstrip():
            yield f"{path}:{number}: blanks at the end of the line"
        if suffix in SOURCES and "\t" in line:
            yield f"{path}:{number}: a tab"


def check_listed(tree, files):
    """Every .cc is named by the CMakeLists.txt of its folder or of one above."""
    for file in files:
        if file.suffix != ".cc":
            continue
        for folder in file.parents:
            cmake = folder / "CMakeLists.txt"
            name = re.escape(file.relative_to(folder).as_posix())
            stem = re.escape(file.with_suffix("").relative_to(folder).as_posix()
                             .removesuffix("_fuzz"))
            if cmake.exists() and re.search(rf"(^|[\s(/])({name}|{stem})($|[\s)])",
                                            cmake.read_text(), re.M):
                break
            if folder == tree:
                yield f"{file.relative_to(tree).as_posix()}: no CMakeLists.txt names it"
                break


def check_tree(tree):
    tree = pathlib.Path(tree)
    yield from check_top(tree)
    files = list(walk(tree))
    for file in files:
        path = file.relative_to(tree).as_posix()
        if path.startswith("testdata/") or "/data/" in path:
            continue
        if file.suffix in TEXTS or file.name in ("run", "CMakeLists.txt"):
            yield from check_text(path, file.read_text())
        if file.suffix == ".sh" or path == ".ci/run":
            if not os.access(file, os.X_OK):
                yield f"{path}: not executable"
    yield from check_listed(tree, files)
    yield from check_guarantees(tree)


def check_guarantees(tree):
    """Every test that the manual names as a proof is there."""
    manual = tree / "man/hctail.1"
    if not manual.exists():
        return
    for number, line in enumerate(manual.read_text().splitlines(), 1):
        proof = re.match(r"\.Pq Pa (\w+)/(test_\w+)$", line)
        if not proof:
            continue
        test = tree / f"tests/e2e/{proof[1]}/test.py"
        if not test.exists() or f"\ndef {proof[2]}(t):\n" not in test.read_text():
            yield f"man/hctail.1:{number}: there is no test {proof[1]}/{proof[2]}"


# (file, its text, a piece of the violation, or None)
HEAD = f"// {SPDX}\n"
SELF_TEST = [
    ("src/base/a.cc", HEAD, None),
    ("src/base/a.cc", HEAD + "int a;", "no newline at the end"),
    ("src/base/a.cc", "int a;\n", "no line 'SPDX"),
    ("src/base/a.cc", HEAD + "\n" * MAX_LINES + "int a;\n", "no file is longer than"),
    ("tests/model/a.cc", HEAD + "int a;\n" * MAX_LINES, None),
    ("src/base/a.cc", HEAD + "// TO" "DO: later\n", "finish it"),
    ("src/base/a.cc", HEAD + "int a; \n", "blanks at the end"),
    ("src/base/a.cc", HEAD + "\tint a;\n", "a tab"),
    ("src/base/a.h", HEAD, "no #pragma once"),
    ("tests/x.py", "#!/usr/bin/python3\n", "no line 'SPDX"),
    ("README.md", "# hctail\n", None),
]


def self_test():
    for path, text, wanted in SELF_TEST:
        found = list(check_text(path, text))
        if (wanted is None) != (not found) or (wanted and wanted not in found[0]):
            yield f"self-test: {path} should give {wanted!r}, but: {found}"
    with tempfile.TemporaryDirectory() as name:
        tree = pathlib.Path(name)
        for path, text in {"src/CMakeLists.txt": "add_library(a a.cc)\n", "src/a.cc": HEAD,
                           "src/b.cc": HEAD, "lib/c.txt": "c\n", "build/d.txt": "d",
                           "man/hctail.1": ".Pq Pa kill/test_a\n.Pq Pa kill/test_b\n",
                           "tests/e2e/kill/test.py": f"# {SPDX}\ndef test_a(t):\n"}.items():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_text(text)
        found = list(check_tree(tree))
        wanted = ["lib/:", "src/b.cc: no CMake", "man/hctail.1:2: there is no test kill/test_b"]
        if len(found) != len(wanted) or any(w not in f for w, f in zip(wanted, found)):
            yield f"self-test: a tree with {len(wanted)} violations gives {found}"


def main():
    argument = sys.argv[1] if len(sys.argv) == 2 else "."
    found = list(self_test() if argument == "--self-test" else check_tree(argument))
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
