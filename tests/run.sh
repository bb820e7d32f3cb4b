#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Everything that must pass before a change goes in, from a fresh Debian 12:
# installs what is missing, builds, and tests.  The last lines are ctest's own.
#
#   tests/run.sh [dev|release|asan|tsan|fuzz|lint|all]     (all)
#
#   dev, release  build the preset and run every test on it
#   asan          unit, golden, model and corpus tests and the quick end-to-end ones, sanitized
#   tsan          the same with ThreadSanitizer
#   fuzz          each fuzzer for HCTAIL_FUZZ_SECONDS (20) from its corpus
#   lint          clang-format, the rules of the tree, clang-tidy
#   all           lint, asan, tsan, fuzz, then release
#
# Logs of the builds are kept in build/logs.
set -euo pipefail
cd "$(dirname "$0")/.."

BUILD_PACKAGES=(
  g++ cmake ninja-build ccache pkg-config libcli11-dev libre2-dev libsimdjson-dev
  libcurl4-openssl-dev libzstd-dev zlib1g-dev libbz2-dev liblzma-dev libssl-dev libfmt-dev
  libhowardhinnant-date-dev libxxhash-dev libyaml-cpp-dev tzdata ca-certificates)
TEST_PACKAGES=(
  doctest-dev nginx-light tinyproxy python3 python3-zstandard openssl mandoc logrotate)
CLANG_PACKAGES=(clang-19 clang-tidy-19 clang-format-19 libclang-rt-19-dev)

export CCACHE_SLOPPINESS=pch_defines,time_macros
export CTEST_OUTPUT_ON_FAILURE=1
CORES=$(nproc)
TIDY_LATEST=2000  # clang-tidy is left out of `all` when it could only begin after so many seconds

heading() { printf '\n==== %s (%d s) ====\n' "$1" "$SECONDS"; }

install_missing() {
  local missing=()
  for package in "$@"; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
      missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  heading "installing ${missing[*]}"
  local as_root=()
  ((EUID == 0)) || as_root=(sudo)
  # nginx and tinyproxy are run by the tests themselves, not as services of this machine.
  local policy=/usr/sbin/policy-rc.d
  if [[ -e $policy ]]; then policy=; else
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod +x "$policy"
  fi
  mkdir -p build/logs
  local failed=0
  {
    "${as_root[@]}" apt-get update -q &&
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -qy --no-install-recommends "${missing[@]}"
  } >build/logs/apt.log 2>&1 || failed=1
  [[ -z $policy ]] || "${as_root[@]}" rm -f "$policy"
  if ((failed)); then
    tail -n 30 build/logs/apt.log
    echo "cannot install the packages above" >&2
    exit 1
  fi
}

# build PRESET [TARGET...]
build() {
  local preset=$1 log=build/logs/$1.log
  shift
  heading "building $preset"
  mkdir -p build/logs
  if ! {
    cmake --preset "$preset" -DHCTAIL_TESTS=ON "-DHCTAIL_FUZZ_SECONDS=${HCTAIL_FUZZ_SECONDS:-20}" &&
      cmake --build "build/$preset" -j "$CORES" ${1:+--target "$@"}
  } >"$log" 2>&1; then
    grep -E -A 8 'error|FAILED' "$log" | head -n 80 || tail -n 40 "$log"
    echo "building $preset failed; see $log" >&2
    exit 1
  fi
}

# run_tests PRESET CTEST-ARGUMENT...
run_tests() {
  local preset=$1
  shift
  heading "testing $preset $*"
  "${runner[@]}" ctest --test-dir "build/$preset" -j "$CORES" --timeout 300 --no-tests=error "$@"
}
runner=()

whole() {  # dev, release
  build "$1"
  run_tests "$1"
}

sanitized() {  # asan, tsan
  build "$1"
  export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
  export UBSAN_OPTIONS=print_stacktrace=1
  export TSAN_OPTIONS=second_deadlock_stack=1:report_thread_leaks=0:atexit_sleep_ms=0
  # ThreadSanitizer of g++ 12 does not know the address layouts of newer kernels.
  if [[ $1 == tsan ]] && setarch -R true 2>/dev/null; then runner=(setarch -R); fi
  run_tests "$1" -R '^(unit|golden|model|fuzz)([.]|$)'
  run_tests "$1" -L "$1"
  runner=()
}

fuzz() {
  build fuzz fuzzers
  run_tests fuzz -R '^fuzz\.'
}

lint() {
  heading "clang-format and the rules of the tree"
  tests/lint/format.sh
  for rules in include_rules tree_rules; do
    /usr/bin/python3 -B "tests/lint/$rules.py" --self-test
    /usr/bin/python3 -B "tests/lint/$rules.py" .
  done
}

tidy() {
  heading "clang-tidy"
  mkdir -p build/logs
  cmake --preset fuzz -DHCTAIL_TESTS=ON >build/logs/tidy.log 2>&1
  local sources
  mapfile -t sources < <(find src parsers -name '*.cc' ! -name '*_test.cc' | sort)
  if ! run-clang-tidy-19 -quiet -p build/fuzz -j "$CORES" "${sources[@]/#/^$PWD/}" \
    >build/logs/tidy.log 2>&1; then
    grep -E -A 6 '(error|warning):|terminated by signal' build/logs/tidy.log | head -n 100 ||
      tail -n 40 build/logs/tidy.log
    echo "clang-tidy objects; see build/logs/tidy.log" >&2
    exit 1
  fi
}

stage=${1:-all}
case $stage in
  dev | release | asan | tsan) install_missing "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}" ;;
  fuzz | lint | all)
    install_missing "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}" "${CLANG_PACKAGES[@]}" ;;
esac
case $stage in
  dev | release) whole "$stage" ;;
  asan | tsan) sanitized "$stage" ;;
  fuzz) fuzz ;;
  lint) lint && tidy ;;
  all)
    lint
    sanitized asan
    sanitized tsan
    fuzz
    if ((SECONDS < TIDY_LATEST)); then tidy; else
      heading "clang-tidy LEFT OUT: the time is needed for the release tests; run tests/run.sh lint"
    fi
    whole release
    ;;
  *)
    sed -n '/^#   tests/,/^# Logs/s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
