#!/bin/sh
# Runs a command in a network, a process tree, a /run and a view of mounts of its own. Whatever it leaves behind (network
# namespaces, links, mounts, processes) goes when it ends, however it ends. Usage: contain.sh COMMAND…
set -eu
exec unshare --mount --net --pid --fork --kill-child --mount-proc --propagation private -- sh -euc '
  ip link set lo up
  mount -t tmpfs -o mode=0755 tmpfs /run
  mkdir /run/netns /run/lock
  # Not exec: the shell is process 1 here and reaps; the command must not be process 1, which ignores signals.
  "$@" || exit $?
' sh "$@"
