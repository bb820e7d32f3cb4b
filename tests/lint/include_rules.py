#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Who may include whom.  Prints a line per violation and exits 1 if there is one.

    include_rules.py TREE            checks TREE/src and TREE/parsers
    include_rules.py --self-test     checks that the checker finds what it should
"""
import pathlib
import re
import sys
import tempfile

# A room sees itself and these.  "parser" is the headers that stand in parsers/ itself,
# "format" a folder of one format.
ROOMS = {
    "base": set(),
    "event": {"base"},
    "parser": {"base", "event"},
    "format": {"base", "event", "parser"},
    "registry": {"base", "event", "parser", "format"},
    "transform": {"base", "event"},
    "sample": {"base", "event"},
    "ship": {"base", "event"},
    "tail": {"base"},
    "checkpoint": {"base"},
    "pipeline": {"base", "event", "parser", "transform", "sample", "ship", "tail", "checkpoint"},
    "cli": {"base", "event", "parser", "transform", "sample", "ship", "tail", "checkpoint",
            "pipeline"},
    "main": {"cli", "pipeline", "base"},
}

# One library, one door: (what is included, the only files that may).
DOORS = [
    (r"yaml-cpp/.*", [r"src/sample/refinery_rules\.cc"]),
    (r"openssl/.*", [r"src/sample/sha1\.cc"]),
    (r"xxhash\.h", [r"src/base/fingerprint\.cc"]),
    (r"curl/.*", [r"src/ship/curl_transport\.cc"]),
    (r"zstd.*\.h|zlib\.h", [r"src/ship/compress\.cc", r"src/base/unpack\.cc"]),
    (r"bzlib\.h|lzma\.h", [r"src/base/unpack\.cc"]),
    (r"iconv\.h", [r"src/tail/iconv_handle\.h"]),
    (r"CLI/.*", [r"src/cli/command_line\.cc"]),
    (r"re2/.*", [r"src/base/regex\.(h|cc)"]),
    (r"simdjson\.h", [r"src/base/utf8\.cc", r"parsers/json/[^/]*", r"src/ship/reply\.cc",
                      r"src/ship/letter_reader\.cc"]),
    (r"date/tz\.h", [r"src/base/[^/]*", r"src/cli/[^/]*"]),
]

# Tests beside the code, and the fakes and examples they share, may also include these.
TEST_ROOMS = {"testing"}
TEST_FILE = re.compile(r".*(_test\.cc|/(fake|example)_[^/]*\.h)")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def room_of(path):
    """The room of a source file or of an included path, and the format's name if it is one."""
    parts = path.split("/")
    if parts[0] == "src":
        parts = parts[1:]
        if len(parts) == 1:
            return "main", None
    if parts[0] == "parsers":
        if len(parts) > 2:
            return "format", parts[1]
        return ("parser" if parts[1].endswith(".h") else "registry"), None
    if parts[:2] == ["tests", "testing"]:
        return "testing", None
    return parts[0], None


def check_file(path, text):
    """Yields 'path:line: what is wrong' for one file; `path` is relative to the tree."""
    room, format_name = room_of(path)
    if room not in ROOMS:
        yield f"{path}:1: no room called '{room}': add it to tests/lint/include_rules.py"
        return
    allowed = ROOMS[room] | {room} | (TEST_ROOMS if TEST_FILE.fullmatch(path) else set())
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quoted, included = match[1] == '"', match[2]
        for pattern, doors in DOORS:
            if re.fullmatch(pattern, included) and not any(re.fullmatch(d, path) for d in doors):
                yield (f"{path}:{number}: <{included}> may only be included by "
                       f"{' or '.join(doors)}")
        if not quoted:
            continue
        if included.startswith((".", "src/")) or "/" not in included:
            yield (f"{path}:{number}: write \"room/file.h\", not \"{included}\"")
            continue
        other, other_format = room_of(included)
        if TEST_FILE.fullmatch("/" + included) and not TEST_FILE.fullmatch(path):
            yield f"{path}:{number}: only tests may see \"{included}\""
            continue
        if other not in allowed:
            yield (f"{path}:{number}: {room} must not see {other} (\"{included}\")")
        elif other == "format" and room == "format" and other_format != format_name:
            yield (f"{path}:{number}: parser {format_name} must not see parser {other_format}")


def check_tree(tree):
    tree = pathlib.Path(tree)
    files = sorted(f for top in ("src", "parsers") for f in (tree / top).rglob("*")
                   if f.suffix in (".h", ".cc"))
    if not files:
        yield f"{tree}: no sources found"
    for file in files:
        yield from check_file(file.relative_to(tree).as_posix(), file.read_text())


# (file, its text, a piece of the violation, or None)
SELF_TEST = [
    ("src/base/a.h", '#include "event/event.h"', "base must not see event"),
    ("src/event/a.h", '#include "base/result.h"', None),
    ("src/tail/a.cc", '#include "event/event.h"', "tail must not see event"),
    ("src/ship/a.cc", '#include "tail/tailer.h"', "ship must not see tail"),
    ("src/ship/a.cc", '#include <curl/curl.h>', "may only be included by"),
    ("src/ship/curl_transport.cc", '#include <curl/curl.h>', None),
    ("src/ship/batcher.cc", '#include <zstd.h>', "may only be included by"),
    ("src/pipeline/a.cc", '#include "cli/options.h"', "pipeline must not see cli"),
    ("src/pipeline/a.cc", '#include "parsers/json/json.h"', "pipeline must not see format"),
    ("src/main.cc", '#include "cli/command_line.h"', None),
    ("src/main.cc", '#include "tail/tailer.h"', "main must not see tail"),
    ("parsers/json/json.cc", '#include "parsers/parser.h"\n#include <simdjson.h>', None),
    ("parsers/json/json.cc", '#include "parsers/csv/csv.h"', "must not see parser csv"),
    ("parsers/json/json.cc", '#include "tail/chunk.h"', "format must not see tail"),
    ("parsers/registry.cc", '#include "parsers/json/json.h"', None),
    ("parsers/csv/csv.cc", '#include <re2/re2.h>', "may only be included by"),
    ("src/base/a_test.cc", '#include "tests/testing/temp_dir.h"', None),
    ("src/base/a.cc", '#include "tests/testing/temp_dir.h"', "base must not see testing"),
    ("src/ship/fake_a.h", '#include "tests/testing/fake_clock.h"', None),
    ("src/ship/a_test.cc", '#include "ship/fake_a.h"', None),
    ("src/ship/a.cc", '#include "ship/fake_a.h"', "only tests may see"),
    ("src/base/a.cc", '#include "a.h"', 'write "room/file.h"'),
    ("src/odd/a.cc", "", "no room called 'odd'"),
]


def self_test():
    for path, text, wanted in SELF_TEST:
        found = list(check_file(path, text))
        if wanted is None and found:
            yield f"self-test: {path} {text!r} should pass, but: {found}"
        if wanted is not None and not (len(found) == 1 and wanted in found[0]):
            yield f"self-test: {path} {text!r} should give '{wanted}', but: {found}"
    with tempfile.TemporaryDirectory() as tree:
        bad = pathlib.Path(tree, "src/base/bad.h")
        bad.parent.mkdir(parents=True)
        bad.write_text('#include "ship/batch.h"\n')
        if list(check_tree(tree)) != ['src/base/bad.h:1: base must not see ship ("ship/batch.h")']:
            yield "self-test: a violation in a tree was not found"


def main():
    argument = sys.argv[1] if len(sys.argv) == 2 else "."
    found = list(self_test() if argument == "--self-test" else check_tree(argument))
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
