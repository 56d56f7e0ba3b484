// Checks the words that describe a host: its name, groups, and the addresses of a lighthouse. They go into
// certificates, file names and Nebula's configuration.

import { formatIp, parseIp } from '../../addr/ip.ts'
import { CniCode, CniError } from '../../cni/error.ts'

/** The port that lighthouses listen on. */
export const LIGHTHOUSE_PORT = 4242

// One label of a DNS name (RFC 1123, section 2.1): containers are found by <name>.<host>.<domain>.
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const GROUP = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/
const DNS_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$/

/** Returns the name of a host. @param where for errors: a file and key @throws CniError InvalidConfig */
export function hostName(text: string, where = ''): string {
  if (NAME.test(text)) return text
  throw wrong('host name', text, where, 'use 1 to 63 lowercase letters, digits and dashes, as in host-a')
}

/** Returns the name of a group. Parameters and errors as for {@link hostName}. */
export function groupName(text: string, where = ''): string {
  if (GROUP.test(text)) return text
  throw wrong('group', text, where, 'use 1 to 63 letters, digits, dots, dashes and underscores')
}

/**
 * Returns where hosts find a lighthouse, with its port: "192.168.1.5:4242", "[fd00::5]:4242", "lh.lan:4242".
 * Parameters and errors as for {@link hostName}.
 */
export function endpoint(text: string, where = ''): string {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^[\]]+?))(?::(\d{1,5}))?$/.exec(text) ?? []
  const number = port === undefined ? LIGHTHOUSE_PORT : Number(port)
  // An IPv6 address without brackets ends in digits, too. They are not a port.
  const whole = parseIp(text)
  if (whole !== undefined) return withPort(formatIp(whole), LIGHTHOUSE_PORT)
  const host = bracketed ?? plain ?? ''
  const ip = parseIp(host)
  const isKnown = ip === undefined ? bracketed === undefined && isDnsName(host) : true
  if (!isKnown || number < 1 || number > 65_535)
    throw wrong('address', text, where, 'give an address or name with an optional port: 192.168.1.5:4242')
  return withPort(ip === undefined ? host : formatIp(ip), number)
}

// A mistyped address would pass as a name that nothing resolves.
function isDnsName(text: string): boolean {
  return DNS_NAME.test(text) && !/^[\d.]+$/.test(text)
}

function withPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${String(port)}`
}

function wrong(what: string, text: string, where: string, advice: string): CniError {
  const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
  return new CniError(
    CniCode.InvalidConfig,
    `${what} not usable`,
    `${where === '' ? '' : `${where}: `}${shown}: ${advice}`,
  )
}
