#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a fresh checkout on Debian 12 to a running hctail:
#
#   packaging/quickstart.sh [hctail's options]
#
# Installs what building needs if it is missing, builds, and runs hctail with the options given.
# Only hctail itself writes to stdout.  Later runs start at once.
set -euo pipefail
PACKAGES=(
  g++ cmake ninja-build ccache pkg-config libcli11-dev libre2-dev libsimdjson-dev
  libcurl4-openssl-dev libzstd-dev zlib1g-dev libbz2-dev liblzma-dev libssl-dev libfmt-dev
  libhowardhinnant-date-dev libxxhash-dev libyaml-cpp-dev tzdata ca-certificates)

top=$(cd "$(dirname "$0")/.." && pwd)
build=$top/build/release
log=$top/build/logs/quickstart.log
mkdir -p "${log%/*}"

# step WHAT COMMAND...: quiet unless it fails.
step() {
  local what=$1
  shift
  if ! "$@" >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    echo "quickstart: $what failed; the whole log is in $log" >&2
    exit 1
  fi
}

if ! command -v dpkg-query >/dev/null; then
  echo "quickstart: this is for Debian 12; elsewhere build as CONTRIBUTING.md says" >&2
  exit 1
fi
missing=()
for package in "${PACKAGES[@]}"; do
  [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
    missing+=("$package")
done
if ((${#missing[@]})); then
  as_root=()
  ((EUID == 0)) || as_root=(sudo)
  echo "quickstart: installing ${missing[*]}" >&2
  step "apt-get update" "${as_root[@]}" apt-get update -q
  step "apt-get install" "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -qy --no-install-recommends "${missing[@]}"
fi

export CCACHE_SLOPPINESS=pch_defines,time_macros
[[ -x $build/bin/hctail ]] || echo "quickstart: building; this takes a few minutes" >&2
if [[ ! -e $build/build.ninja ]]; then
  step "configuring" cmake -S "$top" --preset release -DHCTAIL_TESTS=OFF
fi
step "building" cmake --build "$build" --target hctail
exec "$build/bin/hctail" "$@"
