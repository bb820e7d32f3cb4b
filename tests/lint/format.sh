#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Says which C++ files clang-format would change; with --fix it changes them.
set -euo pipefail
cd "$(dirname "$0")/../.."
mode=(--dry-run -Werror)
[[ ${1:-} == --fix ]] && mode=(-i)
find src parsers tests -name '*.h' -print0 -o -name '*.cc' -print0 |
  xargs -0 clang-format-19 --style=file "${mode[@]}"
