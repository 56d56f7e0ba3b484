#!/bin/sh
# Shows on one machine what flatnet-cni does between two: see scripts/demo/main.ts. Needs root and, the first
# time, Debian's packages and the npm registry. Exits with 0 only if every step succeeded, and leaves nothing
# behind.
set -eu
cd "$(dirname "$0")/.."
FLATNET_QUIET=1 scripts/setup.sh </dev/null
PATH=$PWD/node_modules/.bin:$PATH
export PATH
# The build itself checks whether the executable is older than its sources.
npm run --silent build </dev/null >.cache/build.log 2>&1 || { cat .cache/build.log >&2; exit 1; }
# Ctrl-C reaches every process in this terminal: the demo takes its lab down, and this trap removes
# what is left.
trap 'node scripts/lab/command/main.ts sweep' EXIT
trap : INT TERM HUP
node scripts/demo/main.ts "$@" </dev/null
