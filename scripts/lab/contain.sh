#!/bin/sh
# Runs a command with a separate network, process tree, /run and mount namespace. Everything it leaves
# (network namespaces, links, mounts, processes) disappears when it ends, however it ends. Usage: contain.sh
# COMMAND…
set -eu
exec unshare --mount --net --pid --fork --kill-child --mount-proc --propagation private -- sh -euc '
  ip link set lo up
  mount -t tmpfs -o mode=0755 tmpfs /run
  mkdir /run/netns /run/lock
  # No exec: the shell stays process 1 and reaps. The command must not be process 1, which ignores signals.
  "$@" || exit $?
' sh "$@"
