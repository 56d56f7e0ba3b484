// Makes the kernel of another network namespace announce a link's addresses and MAC to all neighbours.

import { CniCode, CniError } from '../../cni/error.ts'
import { run } from '../run.ts'

// If these switches are on, the kernel announces every address of a link whose MAC is set, even to the same
// value (ip-sysctl.rst). One shell replaces a process for each step.
const SCRIPT = `cd /proc/sys/net
echo 1 >"ipv4/conf/$1/arp_notify"
echo 1 >"ipv6/conf/$1/ndisc_notify"
exec ip link set dev "$1" address "$2"`

/** A link in the namespace at `netns`. */
export interface AdvertisedLink {
  readonly ifname: string
  readonly mac: string
  readonly netns: string
}

/**
 * Sends one unsolicited Neighbour Advertisement for each IPv6 address (RFC 4861, section 7.2.6) and one ARP
 * announcement for each IPv4 address. The switches stay on: the kernel then announces a later MAC by itself.
 * @throws CniError CommandRefused
 */
export async function advertise({ ifname, mac, netns }: AdvertisedLink): Promise<void> {
  const { exitCode, stderr } = await run({ file: 'sh', args: ['-euc', SCRIPT, 'sh', ifname, mac], netns })
  if (exitCode === 0) return
  throw new CniError(
    CniCode.CommandRefused,
    'addresses not announced',
    `${ifname} in ${netns}: ${stderr.trim()} (exit ${String(exitCode)})`,
  )
}
