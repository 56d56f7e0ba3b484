#!/bin/sh
# Runs Nebula and the agent without systemd, in WSL2 or on any other Linux. `flatnet-cni join` puts it into
# /opt/cni/bin. Plain sh; needs flock (util-linux).
#
#   /etc/wsl.conf:   [boot]
#                    command = /opt/cni/bin/flatnet-start.sh start
#
#   flatnet-start.sh start | stop | restart | status
#
# One keeper of Nebula per host, which restarts it one second after it exits. agent-wsl.sh beside this script
# keeps the agent.
set -u

nebula='@NEBULA@'
config=/etc/nebula/config.yml
modules=/etc/modules-load.d/flatnet.conf
run_dir=/run/flatnet
log=/var/log/flatnet-nebula.log
log_bytes=5000000
seat=$run_dir/nebula-keeper.lock
holder=$run_dir/nebula-keeper.pid
charge=$run_dir/nebula.pid
agent=${0%/*}/agent-wsl.sh

# The boot command of WSL runs with almost no environment.
PATH=${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH

fail() { echo "flatnet-start: $*" >&2; exit 1; }

# The lock says whether a keeper runs, the file says which. The lock ends with its holder, however that ends.
runs() { ! flock -n "$seat" true 2>/dev/null; }
pid_of() { pid=; read -r pid <"$1" 2>/dev/null; case $pid in '' | *[!0-9]*) return 1 ;; esac; echo "$pid"; }
is_nebula() { tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline" | grep -qF "$nebula -config $config"; }

keep() {
  exec 9>"$seat"
  # A process that only tests the lock also takes it for a moment.
  flock -w 2 9 || fail "already running (pid $(pid_of "$holder"))"
  echo $$ >"$holder"
  # A killed keeper leaves its Nebula running, which holds the port and the link.
  if left=$(pid_of "$charge") && is_nebula "$left"; then
    kill -TERM "$left"
    while is_nebula "$left"; do sleep 0.1; done
  fi
  child='' ending=''
  trap 'ending=1; [ -z "$child" ] || kill -TERM "$child" 2>/dev/null' TERM INT HUP
  while [ -z "$ending" ]; do
    size=$(wc -c <"$log" 2>/dev/null) || size=0
    [ "$size" -le "$log_bytes" ] || { cp "$log" "$log.1" && : >"$log"; }
    "$nebula" -config "$config" >>"$log" 2>&1 9>&- &
    child=$!
    echo "$child" >"$charge"
    [ -z "$ending" ] || kill -TERM "$child" 2>/dev/null
    # A signal interrupts `wait` before Nebula has exited.
    while kill -0 "$child" 2>/dev/null; do wait "$child"; done
    child=''
    [ -n "$ending" ] || sleep 1 9>&-
  done
  rm -f "$holder" "$charge"
}

# The kernel of WSL2 loads no module on demand, and without systemd nothing else reads this file.
load() {
  [ -r "$modules" ] && command -v modprobe >/dev/null || return 0
  while read -r name; do
    case $name in '' | '#'*) ;; *) modprobe -q -- "$name" || echo "flatnet-start: no module $name" >&2 ;; esac
  done <"$modules"
}

start() {
  load
  [ -x "$nebula" ] || fail "$nebula is missing or not executable"
  if ! runs; then
    setsid "$0" keep </dev/null >/dev/null 2>&1 &
    tries=0
    until runs; do
      tries=$((tries + 1))
      [ "$tries" -lt 50 ] || fail "Nebula's keeper did not start; see $log"
      sleep 0.1
    done
  fi
  "$agent" start
}

stop() {
  [ ! -x "$agent" ] || "$agent" stop || return 1
  runs || return 0
  pid=$(pid_of "$holder") || fail "an unknown process holds $seat"
  kill -TERM "$pid" 2>/dev/null
  flock -w 15 "$seat" true || fail "pid $pid does not exit; kill it with: kill -9 $pid"
}

umask 077
mkdir -p "$run_dir" "${log%/*}" || exit 1
touch "$log" "$seat" || exit 1
case ${1:-start} in
  start) start ;;
  keep) keep ;;
  stop) stop ;;
  restart) stop && start ;;
  status)
    if runs; then echo "Nebula runs (keeper pid $(pid_of "$holder"))"; else echo 'Nebula does not run'; fi
    "$agent" status
    ;;
  *) sed -n 's/^#   flatnet-start/usage: flatnet-start/p' "$0" >&2; exit 2 ;;
esac
