// What happens inside the tunnels, and how Nebula is watched: cipher, tun, timers, counters, stats, sshd.

import { formatIp } from '../../addr/ip.ts'
import { formatPrefix, networkOf } from '../../addr/prefix.ts'
import { isAtLeast } from '../../program-version.ts'
import { FOLLOWS_SYSTEM_ROUTES, type NebulaPlan } from './plan.ts'
import { inSection, type Setting } from './setting.ts'

/** Returns the link and its routes. */
export function tunSettings(plan: NebulaPlan): readonly Setting[] {
  const set = inSection('tun')
  const follows = plan.subnets.length > 0 && isAtLeast(plan.version, FOLLOWS_SYSTEM_ROUTES)
  return [
    set('disabled', false, 'The link is needed to reach this host, a lighthouse too.'),
    set('dev', plan.device, 'The name of the link. flatnet-cni finds it by its address, whatever its name.'),
    set(
      'mtu',
      plan.mtuBytes,
      'Bytes. The same on all hosts; containers get it too. Up to 1408 fits into a LAN of 1500 ' +
        'through a relay.',
    ),
    set('tx_queue', 500, 'Packets that wait for Nebula. A longer queue only adds delay.'),
    set(
      'drop_local_broadcast',
      true,
      'A broadcast has no owner in the overlay and would cause a handshake with no host.',
    ),
    set('drop_multicast', true, 'Nebula carries no multicast; the packets of mDNS and others end here.'),
    ...(follows
      ? [
          set(
            'use_system_route_table',
            true,
            'Nebula follows the routes that flatnet-cni adds to and removes from the kernel as direct ' +
              'paths come and go.',
          ),
        ]
      : []),
    set('unsafe_routes', routes(plan), routesReason(plan, follows)),
  ]
}

function routes({ routes: all }: NebulaPlan): readonly { readonly route: string; readonly via: string }[] {
  return all.map(({ subnet, via }) => ({ route: formatPrefix(networkOf(subnet)), via: formatIp(via) }))
}

function routesReason({ routes: all }: NebulaPlan, follows: boolean): string {
  if (all.length === 0)
    return follows
      ? "Empty: the routes to other hosts' containers come from their certificates, by flatnet-cni."
      : 'Empty: no containers are reached from here.'
  return follows
    ? 'Routes that Nebula installs itself, besides those it follows.'
    : "Nebula before 1.7 does not follow the kernel's routes, " +
        "so each host's containers are listed here. A new host means another line and a restart of Nebula."
}

/** Returns the cipher, and when a tunnel is made, dropped or moved off a relay. */
export function tunnelSettings({ isLighthouse, cipher }: NebulaPlan): readonly Setting[] {
  const [timers, handshakes] = [inSection('timers'), inSection('handshakes')]
  return [
    {
      path: ['cipher'],
      value: cipher,
      why: 'Must be equal on all hosts. aes is the fastest on current processors.',
    },
    timers(
      'connection_alive_interval',
      isLighthouse ? 5 : 2,
      'Seconds between looks at a tunnel. Nebula reads it at its start only.',
    ),
    timers(
      'pending_deletion_interval',
      isLighthouse ? 10 : 4,
      isLighthouse
        ? 'Seconds until a silent tunnel is dropped. A lighthouse talks to all hosts and is in no hurry.'
        : 'Seconds until a silent tunnel is dropped. With 2 and 4 s, ' +
            'a dead tunnel is replaced after 4 to 6 s instead of 18.',
    ),
    ...(isLighthouse
      ? []
      : [
          inSection('counters')(
            'try_promote',
            100,
            'Packets through a relay before Nebula tries the direct way again. ' +
              'With the default of 1000 a quiet host stays on the relay for minutes.',
          ),
        ]),
    inSection('tunnels')(
      'drop_inactive',
      false,
      'The agent keeps tunnels in use, and a closed one would look like a fault.',
    ),
    handshakes(
      'try_interval',
      '100ms',
      "Each try waits this much longer than the one before. Nebula's default.",
    ),
    handshakes('retries', 10, "Tries before Nebula gives up until the next packet: 5.5 s. Nebula's default."),
  ]
}

/** Returns Nebula's own shell, metrics and log. */
export function diagnosisSettings({ isLighthouse, statsPort, shell }: NebulaPlan): readonly Setting[] {
  const [stats, logging] = [inSection('stats'), inSection('logging')]
  return [
    ...shellSettings(shell),
    stats(
      'type',
      'prometheus',
      'flatnet-cni check reads these figures to say which rule or certificate drops packets.',
    ),
    stats('listen', `127.0.0.1:${String(statsPort)}`, 'Loopback only: nothing outside needs them.'),
    stats('path', '/metrics', "Prometheus' usual path."),
    stats('namespace', 'nebula', 'The names of all figures begin with it.'),
    stats('subsystem', isLighthouse ? 'lighthouse' : 'host', 'The second part of their names.'),
    stats('interval', '10s', 'How often Nebula renews them.'),
    stats(
      'message_metrics',
      true,
      'Counts handshakes, tests and errors by kind, which shows a tunnel that does not come up.',
    ),
    stats('lighthouse_metrics', true, 'Counts questions to lighthouses and their answers.'),
    logging('level', 'info', 'Handshakes and closed tunnels, but no packets.'),
    logging('format', 'json', 'One object a line. The words of the text form changed with Nebula 1.11.'),
  ]
}

function shellSettings(shell: NebulaPlan['shell']): readonly Setting[] {
  const set = inSection('sshd')
  if (shell === undefined)
    return [
      set(
        'enabled',
        false,
        'A shell inside Nebula can change tunnels. flatnet-cni measures paths without it.',
      ),
    ]
  const { port, hostKey, user, authorizedKey } = shell
  return [
    set('enabled', true, 'Shows tunnels: ssh -p PORT USER@127.0.0.1 list-hostmap -json'),
    set('listen', `127.0.0.1:${String(port)}`, 'Loopback only: some commands change tunnels.'),
    set('host_key', hostKey, 'An OpenSSH private key of its own, readable by root only.'),
    set(
      'authorized_users',
      [{ user, keys: [authorizedKey] }],
      'Public keys only; Nebula knows no passwords.',
    ),
  ]
}
