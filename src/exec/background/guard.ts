// The route guard: a shell process of one to three megabytes that watches the agent. Direct routes must not
// outlive their agent, but IPv4 routes cannot expire, and nothing inside the agent can act once the agent is
// killed or hangs.

import { type Background, startBackground } from './start.ts'

/** What the guard watches. All paths are absolute. */
interface GuardOptions {
  readonly pid: number
  /** Field 22 of /proc/PID/stat, so that no other process is mistaken for the agent. */
  readonly startTime: string
  /** The agent's heartbeat file: one line that changes several times a second (state/agent/heartbeat.ts). */
  readonly heartbeat: string
  /** Text for `ip -batch` that deletes the direct routes. */
  readonly withdrawal: string
  /** Holds the process ID of the current guard. A guard that finds another number there exits. */
  readonly seat: string
  /** Created when the guard removes the routes of a hanging agent. */
  readonly mark: string
  /** Text for `nft -f` that leads containers' questions for names elsewhere. The file may be missing. */
  readonly names: string
}

/**
 * Starts a guard, which replaces an earlier one with the same seat. If the agent dies, the guard deletes the
 * routes, loads the rules for names and exits. If the agent hangs, it does so once and keeps watching. With
 * NOTIFY_SOCKET it also feeds systemd's watchdog while the agent is alive (NotifyAccess=all), so that systemd
 * restarts a hanging agent.
 */
export async function startGuard(options: GuardOptions): Promise<Background> {
  const { pid, startTime, heartbeat, withdrawal, seat, mark, names } = options
  const values = [String(pid), startTime, heartbeat, withdrawal, seat, mark, names]
  return startBackground({
    file: 'sh',
    args: ['-c', START, 'sh', SCRIPT, 'flatnet-route-guard', ...values],
    outlives: true,
    holdsStdin: true,
    pass: ['NOTIFY_SOCKET'],
  })
}

// bash waits by itself; dash would start two and a half sleep processes a second, which cost more than the
// whole agent without peers. Without --norc, bash reads ~/.bashrc when its standard input is a socket
// (bash(1), "INVOCATION"), and Node's pipes are sockets.
const START = 'if command -v bash >/dev/null; then exec bash --norc -c "$@"; else exec sh -c "$@"; fi'

// Values are passed only as positional arguments. Everything but sleep, ip, nft and systemd-notify is built
// into the shell.
// - Standard input ends when the agent dies, which ends the wait of bash. read returns more than 128 after
// its
//   timeout (bash(1)). Any other failure must not become a tight loop, so sleep takes over.
// - The heartbeat age is counted in guard iterations, so time when the whole machine was suspended does
//   not count.
// - The limit is three iterations of 0.4 s without a change: the routes are removed within 2 s, and a
//   heartbeat every 0.4 s is never missed three times.
// - A killed agent may leave an `ip` process that is still adding a route, hence the second withdrawal.
const SCRIPT = String.raw`
cd /
trap '' INT TERM HUP QUIT PIPE
pid=$1 start=$2 heartbeat=$3 withdrawal=$4 seat=$5 mark=$6 names=$7
echo $$ >"$seat" || exit 1
in_office() { read -r holder <"$seat" && [ "$holder" = $$ ]; }
withdraw() { ip -force -batch "$withdrawal" >/dev/null 2>&1; }
stand_in() { [ ! -f "$names" ] || nft -f "$names" >/dev/null 2>&1; }
alive() {
  read -r stat <"/proc/$pid/stat" || return 1
  set -- ${'$'}{stat##*') '}
  [ "$1" != Z ] && [ "$1" != X ] && [ "${'$'}{20}" = "$start" ]
}
wait_a_round() {
  if [ -n "$BASH_VERSION" ] && [ -z "$ended" ]; then
    read -r -t 0.4 _
    [ $? -gt 128 ] || ended=yes
  else
    sleep 0.4
  fi
}
ended= last= still=0 round=0
while wait_a_round; do
  in_office || exit 0
  if ! alive; then
    withdraw
    stand_in
    sleep 0.4
    in_office && withdraw
    exit 0
  fi
  line=
  read -r line <"$heartbeat"
  if [ "$line" != "$last" ]; then
    last=$line still=0 round=$((round + 1))
    if [ -n "$NOTIFY_SOCKET" ] && [ $((round % 5)) -eq 1 ]; then
      systemd-notify WATCHDOG=1 >/dev/null 2>&1 &
    fi
  else
    still=$((still + 1))
    if [ $still -eq 3 ]; then
      true >"$mark"
      withdraw
      stand_in
    fi
  fi
done
`
