#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the release preset and prints what hctail costs: each room against the floor
# (simdjson validate + zstd level 1 of the same bytes), then the whole program against a loopback API.
set -euo pipefail
cd "$(dirname "$0")/../.."

cmake --preset release >/dev/null
cmake --build --preset release --target hctail rooms_bench make_corpus line_writer api_sink >/dev/null
bin=build/release/bin

echo "== rooms"
"$bin/rooms_bench" "${ROOMS_MB:-100}"
for what in ${BENCH:-backfill tail idle}; do
  echo "== $what"
  python3 tests/bench/end_to_end.py "$what" "$bin"
done
