// The route guard: a shell of one megabyte that looks after the agent. P2P routes must not outlive whoever watches them, IPv4
// routes have no expiry of their own, and nothing that runs inside the agent can act when the agent is killed or hangs.

import { type Background, startBackground } from './run.ts'

/** What the guard watches. Paths are absolute. */
export interface GuardOptions {
  readonly pid: number
  /** Field 22 of /proc/PID/stat, so that no other process is taken for the agent. */
  readonly startTime: string
  /** The agent's sign of life, one line that changes several times a second (state/agent-lease.ts). */
  readonly lease: string
  /** Text for `ip -batch` that deletes the P2P routes. */
  readonly withdrawal: string
  /** Holds the process ID of the guard in office; one that reads another number there leaves. */
  readonly seat: string
  /** Is made when the guard takes the routes of an agent that stands still. */
  readonly mark: string
}

/**
 * Starts a guard, which relieves an earlier one of the same seat. It deletes the routes when the agent is dead and ends; when
 * the agent stands still it deletes them once and goes on watching. With NOTIFY_SOCKET it tells systemd's watchdog of an
 * agent that moves (NotifyAccess=all), so that one that hangs is started again.
 */
export async function startGuard(options: GuardOptions): Promise<Background> {
  const { pid, startTime, lease, withdrawal, seat, mark } = options
  return startBackground({
    file: 'sh',
    args: ['-c', SCRIPT, 'flatnet-route-guard', String(pid), startTime, lease, withdrawal, seat, mark],
    outlives: true,
    pass: ['NOTIFY_SOCKET'],
  })
}

// Values come as positional arguments only. Everything but sleep, ip and systemd-notify is built into dash.
// - The sign of life is counted in rounds of the guard's own: on a machine that stood still nobody's time has gone by.
// - Three rounds of 0.4 s after the last change: the routes are gone within 2 s, and a beat every 0.4 s is never missed thrice.
// - A killed agent may have left an `ip` that is just adding a route, hence the second look.
const SCRIPT = String.raw`
cd /
trap '' INT TERM HUP QUIT PIPE
pid=$1 start=$2 lease=$3 withdrawal=$4 seat=$5 mark=$6
echo $$ >"$seat" || exit 1
in_office() { read -r holder <"$seat" && [ "$holder" = $$ ]; }
withdraw() { ip -force -batch "$withdrawal" >/dev/null 2>&1; }
alive() {
  read -r stat <"/proc/$pid/stat" || return 1
  set -- ${'$'}{stat##*') '}
  [ "$1" != Z ] && [ "$1" != X ] && [ "${'$'}{20}" = "$start" ]
}
last= still=0 round=0
while sleep 0.4; do
  in_office || exit 0
  if ! alive; then
    withdraw
    sleep 0.4
    in_office && withdraw
    exit 0
  fi
  line=
  read -r line <"$lease"
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
    fi
  fi
done
`
