#!/bin/sh
# Everything that has to hold, from a bare Debian 12 to a verdict: set-up, build, format, lint, types, unit tests,
# integration tests with the real kernel, Nebula and podman. Needs root. The last line is `N passed, N failed, N skipped`;
# the exit code is not 0 when anything failed. What the tests make in the kernel is gone afterwards, also on Ctrl-C.
set -eu
cd "$(dirname "$0")/.."
mkdir -p .cache/tap
rm -f .cache/tap/*
failed=''

# podman's and containerd's cgroups of containers that were killed with their host: only those that were not there before.
cgroups() { find /sys/fs/cgroup -depth -type d '(' -path '*/libpod_parent*' -o -path '*/flatnet-*-wsl-*' ')' 2>/dev/null || true; }
before=$(cgroups)
finish() {
  trap '' INT TERM HUP
  cgroups | while read -r folder; do
    case "$before" in *"$folder"*) ;; *) rmdir "$folder" 2>/dev/null || true ;; esac
  done
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Runs one step and goes on when it fails.
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

# One line per test file and tap's summary; the whole stream is kept for counting, and its failures are shown at the end.
tests() {
  name=$1
  shift
  echo "==== $name tests"
  stream=.cache/tap/$name.tap
  { "$@" --reporter=tap --output-file="$stream" </dev/null || echo "$?" >"$stream.code"; } |
    grep -E '^(ok|not ok|Bail out|# [{])' | uniq || true
  # Nothing failed in the stream, and yet tap is not content with the run itself.
  if [ -s "$stream.code" ] && [ -s "$stream" ] && node scripts/test-count.ts "$stream" >/dev/null; then
    failed="$failed --failed $name-tests"
  fi
  [ -e "$stream" ] || : >"$stream"
}
tests unit npm run --silent test --
# Each of these is in namespaces of its own. Those in a lab wait for most of their time: three at once, the longest first.
# What is about many at once, or about what is left on the machine, has it to itself.
files() { ls test/integration/*.ts | grep -E "$1" | grep -vE "$2"; }
first='/(check-agent|agent-escalation)[.]'
labs='/(agent|check|two-hosts|drill|degraded)[-.]'
alone='/(plugin-parallel|fire-together|lab-ending)[.]'
# shellcheck disable=SC2046 # the lists are meant to be split
tests labs scripts/lab/contain.sh tap --jobs=3 --timeout=300 $(files "$first" '^$') $(files "$labs" "$first")
# shellcheck disable=SC2046
tests pairs scripts/lab/contain.sh tap --jobs=2 --timeout=240 $(files . "$labs|$alone")
# shellcheck disable=SC2046
tests alone scripts/lab/contain.sh tap --jobs=1 --timeout=240 $(files "$alone" '^$')

# shellcheck disable=SC2086 # the list is meant to be split
node scripts/test-count.ts $failed .cache/tap/unit.tap .cache/tap/labs.tap .cache/tap/pairs.tap .cache/tap/alone.tap
