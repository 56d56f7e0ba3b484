#!/bin/sh
# Shows on one machine what flatnet-cni does between two: see scripts/demo.ts. Needs root and, the first time, Debian's
# packages and npm's registry. The exit code is 0 only if every step did what it says; nothing is left behind.
set -eu
cd "$(dirname "$0")/.."
FLATNET_QUIET=1 scripts/setup.sh </dev/null
PATH=$PWD/node_modules/.bin:$PATH
export PATH
# The build looks for itself whether the executable is older than its sources.
npm run --silent build </dev/null >.cache/build.log 2>&1 || { cat .cache/build.log >&2; exit 1; }
# Ctrl-C goes to everything in this terminal: the demo takes its lab down, and what it cannot do any more is done here.
trap 'node scripts/lab.ts sweep' EXIT
trap : INT TERM HUP
node scripts/demo.ts "$@" </dev/null
