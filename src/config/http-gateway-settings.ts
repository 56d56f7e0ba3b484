// The settings of the HTTP Gateway: the object "httpGateway" in /etc/flatnet/flatnet.json. Every key has a
// default.

import { formatIp, parseIp } from '../addr/ip.ts'
import { toLabel } from '../http-gateway/label.ts'
import { HTTP_GATEWAY_DEFAULTS, type HttpGatewayOptions, REACH, type Reach } from '../http-gateway/options.ts'
import {
  configError,
  describe,
  optionalInteger,
  optionalObject,
  optionalString,
  refuseUnknownKeys,
  stringList,
} from './shape.ts'

/**
 * Parses the object and fills in defaults.
 * @param path how errors name the object: "/etc/flatnet/flatnet.json: httpGateway"
 * @throws CniError UnsupportedField for an unknown key, InvalidConfig with the path of an invalid value
 */
export function parseHttpGatewaySettings(value: unknown, path: string): HttpGatewayOptions {
  const given = optionalObject(value, path)
  refuseUnknownKeys(given, Object.keys(HTTP_GATEWAY_DEFAULTS), path)
  const whole = (key: 'port' | 'statusPort' | 'lanPort' | 'connectionsPerClient', most: number) =>
    optionalInteger(given[key], `${path}.${key}`, 1, most)
  const port = whole('port', 65_535) ?? HTTP_GATEWAY_DEFAULTS.port
  const settings: HttpGatewayOptions = {
    port,
    addresses: stringList(given['addresses'], `${path}.addresses`).map((text, index) =>
      address(text, `${path}.addresses[${String(index)}]`),
    ),
    statusPort: whole('statusPort', 65_535) ?? HTTP_GATEWAY_DEFAULTS.statusPort,
    domain: domain(given['domain'], `${path}.domain`),
    reach: reach(given['reach'], `${path}.reach`),
    lanAddress: lanAddress(given['lanAddress'], `${path}.lanAddress`),
    lanPort: whole('lanPort', 65_535) ?? port,
    connectionsPerClient:
      whole('connectionsPerClient', 1_000_000) ?? HTTP_GATEWAY_DEFAULTS.connectionsPerClient,
  }
  if (settings.statusPort === settings.port)
    throw configError(`${path}.statusPort`, `needs another port than port (${String(port)})`)
  return settings
}

function address(text: string, path: string): string {
  const ip = parseIp(text)
  if (ip === undefined) throw configError(path, `needs an address, got ${describe(text)}`)
  return formatIp(ip)
}

function lanAddress(value: unknown, path: string): string | undefined {
  const text = optionalString(value, path)
  return text === undefined ? undefined : address(text, path)
}

// RFC 1035, section 2.3.1; every label as containers' names are mapped to labels.
function domain(value: unknown, path: string): string {
  const text = optionalString(value, path) ?? HTTP_GATEWAY_DEFAULTS.domain
  const name = text.toLowerCase()
  if (name.length > 200 || name.split('.').some((label) => label === '' || toLabel(label) !== label))
    throw configError(path, `needs a DNS name like flatnet.internal, got ${describe(value)}`)
  return name
}

function reach(value: unknown, path: string): Reach {
  const text = optionalString(value, path) ?? HTTP_GATEWAY_DEFAULTS.reach
  const found = REACH.find((each) => each === text)
  if (found === undefined) throw configError(path, `needs one of ${REACH.join(', ')}, got ${describe(value)}`)
  return found
}
