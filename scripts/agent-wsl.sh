#!/bin/sh
# Keeps the agent running without systemd, in WSL2 or on any other Linux. Plain sh; needs flock
# (util-linux).
#
#   /etc/wsl.conf:   [boot]
#                    command = /opt/cni/bin/agent-wsl.sh start
#
#   agent-wsl.sh start | stop | restart | reload | status
#
# One keeper per run directory. It restarts the agent one second after it exits, kills it when it hangs,
# removes the direct routes of a dead agent, and keeps the log below 2 x FLATNET_LOG_BYTES.
set -u

executable=${FLATNET_EXECUTABLE:-/opt/cni/bin/flatnet-cni}
run_dir=${FLATNET_RUN_DIR:-/run/flatnet}
log=${FLATNET_LOG:-/var/log/flatnet-agent.log}
log_bytes=${FLATNET_LOG_BYTES:-5000000}
pause=${FLATNET_PAUSE:-1}
round=${FLATNET_ROUND:-1}
seat=$run_dir/agent-wsl.lock
holder=$run_dir/agent-wsl.pid
charge=$run_dir/agent-wsl.agent

# The boot command of WSL runs with almost no environment.
PATH=${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH

fail() { echo "agent-wsl: $*" >&2; exit 1; }
say() { echo "{\"level\":\"info\",\"msg\":\"$1\",\"at\":\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\"}" >>"$log"; }

# The lock says whether a keeper runs, the file says which one. The lock disappears with its holder, however
# it ends.
runs() { ! flock -n "$seat" true 2>/dev/null; }
pid_of() { pid=; read -r pid <"$1" 2>/dev/null; case $pid in '' | *[!0-9]*) return 1 ;; esac; echo "$pid"; }

# Copy and truncate instead of renaming: the agent keeps writing to the file that it has open.
bound_log() {
  size=$(wc -c <"$log" 2>/dev/null) || return 0
  [ "$size" -le "$log_bytes" ] || { cp "$log" "$log.1" && : >"$log"; }
}

# A killed keeper leaves its agent running, and a second agent would refuse to start beside it.
end_left_over() {
  left=$(pid_of "$1") || return 0
  tries=0
  while tr '\0' ' ' 2>/dev/null <"/proc/$left/cmdline" | grep -qF "$executable agent "; do
    if [ "$tries" -lt 100 ]; then kill -TERM "$left"; else kill -KILL "$left"; fi
    tries=$((tries + 1))
    sleep 0.1
  done 2>/dev/null
}

# The agent's heartbeat is a line that changes several times a second and names its process. Its age is
# counted in rounds, so time during which the whole machine was suspended does not count.
last='' still=0
end_hung() {
  line=''
  { read -r line <"$run_dir/agent.json"; } 2>/dev/null
  if [ "$line" != "$last" ]; then last=$line still=0; return 0; fi
  still=$((still + 1))
  [ "$still" -eq 10 ] && hung=$(pid_of "$charge") || return 0
  { read -r stat <"/proc/$hung/stat"; } 2>/dev/null || return 0
  set -- ${stat##*') '}
  # Skip an agent that has not written a heartbeat yet: the line is from an earlier one.
  case $line in *"\"pid\":$hung,\"startTime\":\"${20}\","*) ;; *) return 0 ;; esac
  say 'agent hangs, killing it'
  kill -KILL "$hung"
}

keep() {
  exec 9>"$seat"
  # A process that only tests the lock also takes it for a moment.
  flock -w 2 9 || fail "already running (pid $(pid_of "$holder"))"
  echo $$ >"$holder"
  end_left_over "$charge"
  agent='' watcher='' ending=''
  trap 'ending=1; [ -z "$agent" ] || kill -TERM "$agent" 2>/dev/null' TERM INT HUP
  trap '[ -z "$agent" ] || kill -HUP "$agent" 2>/dev/null' USR1
  (
    trap 'kill "$nap" 2>/dev/null; exit' TERM INT HUP
    # Exits within one round of a keeper that was killed.
    rounds=0
    while kill -0 $$ 2>/dev/null; do
      sleep "$round" &
      nap=$!
      wait "$nap"
      end_hung
      rounds=$((rounds + 1))
      [ $((rounds % 60)) -ne 0 ] || bound_log
    done
  ) 9>&- &
  watcher=$!
  while [ -z "$ending" ]; do
    bound_log
    "$executable" agent >>"$log" 2>&1 9>&- &
    agent=$!
    echo "$agent" >"$charge"
    [ -z "$ending" ] || kill -TERM "$agent" 2>/dev/null
    # A signal interrupts `wait` before the agent has exited.
    code=0
    while kill -0 "$agent" 2>/dev/null; do wait "$agent"; code=$?; done
    agent=''
    "$executable" agent --withdraw >>"$log" 2>&1 9>&-
    [ -n "$ending" ] || say "agent exited with $code, restarting it"
    [ -n "$ending" ] || sleep "$pause" 9>&-
  done
  kill "$watcher" 2>/dev/null
  rm -f "$holder" "$charge"
}

stop() {
  runs || return 0
  pid=$(pid_of "$holder") || fail "an unknown process holds $seat"
  kill -TERM "$pid" 2>/dev/null
  # The agent removes its routes and notifies its peers first.
  flock -w 15 "$seat" true || fail "pid $pid does not exit; kill it with: kill -9 $pid"
}

start() {
  [ -x "$executable" ] || fail "$executable is missing or not executable"
  if runs; then
    echo "agent-wsl: already running (pid $(pid_of "$holder"))"
    return 0
  fi
  setsid "$0" keep </dev/null >/dev/null 2>&1 &
  tries=0
  until runs; do
    tries=$((tries + 1))
    [ "$tries" -lt 50 ] || fail "did not start; see $log"
    sleep 0.1
  done
}

umask 077
mkdir -p "$run_dir" "$(dirname "$log")" || exit 1
touch "$log" "$seat" || exit 1
case ${1:-} in
  start) start ;;
  keep) keep ;;
  stop) stop ;;
  restart) stop && start ;;
  reload) runs && pid=$(pid_of "$holder") && kill -USR1 "$pid" || fail 'not running' ;;
  status) if runs; then echo "running (pid $(pid_of "$holder"))"; else echo 'not running'; exit 3; fi ;;
  *) sed -n 's/^#   agent-wsl/usage: agent-wsl/p' "$0" >&2; exit 2 ;;
esac
