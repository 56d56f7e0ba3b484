#!/bin/sh
# Runs every check, from a bare Debian 12 to a verdict: setup, build, format, lint, types, unit tests, and
# integration tests with the real kernel, Nebula and podman. Needs root. The last line is `N passed, N failed,
# N skipped`, and the exit code is not 0 if anything failed. Everything the tests create in the kernel is
# removed, even on Ctrl-C.
set -eu
cd "$(dirname "$0")/.."
mkdir -p .cache/tap
rm -f .cache/tap/*
failed=''
suite=''

# Remember the cgroups that exist now: only new ones are removed at the end. podman and containerd leave them
# when a container is killed together with its host.
cgroups() {
  find /sys/fs/cgroup -depth -type d '(' -path '*/libpod_parent*' -o -path '*/flatnet-*-wsl-*' ')' \
    2>/dev/null || true
}
before=$(cgroups)
finish() {
  trap '' INT TERM HUP
  # A signal sent to this shell alone must reach the test runner, which ends the tests and removes what they
  # made.
  if [ -n "$suite" ] && kill -TERM "$suite" 2>/dev/null; then wait "$suite" || true; fi
  cgroups | while read -r folder; do
    case "$before" in *"$folder"*) ;; *) rmdir "$folder" 2>/dev/null || true ;; esac
  done
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Runs one step, and continues if it fails.
step() {
  name=$1
  shift
  echo "==== $name"
  "$@" </dev/null || failed="$failed --failed $name"
}

scripts/setup.sh </dev/null
PATH=$PWD/node_modules/.bin:$PATH
export PATH CI=true

step build npm run --silent build
step check npm run --silent check

# Runs every file in separate namespaces, as many at a time as the machine can handle, then prints the slowest
# and the counts.
# shellcheck disable=SC2086 # the list is meant to be split
node scripts/suite/main.ts $failed </dev/null &
suite=$!
wait "$suite"
