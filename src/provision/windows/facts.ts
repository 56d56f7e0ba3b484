// What Windows says of itself (scripts/windows/flatnet-facts.ps1), checked value by value.

import { parsePrefix, type Prefix } from '../../addr/prefix.ts'
import { configError, describe, parseObject } from '../../config/shape.ts'
import { isObject } from '../../json.ts'
import { buildNumber, interfaceAlias, securityId, windowsPath } from './values.ts'

export interface WindowsInterface {
  /** Its name, in the language of Windows: "Ethernet", "イーサネット", "vEthernet (WSL)". */
  readonly alias: string
  readonly isConnected: boolean
  readonly isForwarding: boolean
  /** IPv4, with host bits. */
  readonly addresses: readonly Prefix[]
  /** Of its default route; undefined without one. The lowest is used. */
  readonly defaultMetric: number | undefined
}

export interface WindowsFacts {
  readonly build: string
  /** Of the user whose WSL this is. */
  readonly sid: string
  readonly temp: string
  readonly localData: string
  readonly programs: string
  readonly wslConfig: { readonly path: string; readonly bytes: Buffer | undefined }
  readonly hasHyperVFirewall: boolean
  /** TCP ports that programs of Windows listen on; port proxies left out. */
  readonly listening: ReadonlySet<number>
  readonly interfaces: readonly WindowsInterface[]
}

/**
 * Reads the answer of flatnet-facts.ps1. It is ASCII, so that a byte order mark, UTF-16 that was read as
 * UTF-8, carriage returns and what a profile prints before it do no harm.
 * @throws CniError DecodeFailure, InvalidConfig that name the key
 */
export function parseWindowsFacts(text: string): WindowsFacts {
  const plain = text.replaceAll('\0', '')
  const whole = plain.slice(Math.max(0, plain.indexOf('{')), plain.lastIndexOf('}') + 1)
  const object = parseObject(whole, 'powershell.exe')
  const at = (key: string): string => `powershell.exe: ${key}`
  if (object['version'] !== 1) throw configError(at('version'), `needs 1, got ${describe(object['version'])}`)
  const path = (key: string): string => windowsPath(withoutEnd(object[key]), at(key))
  const config = object['wslConfig']
  if (config !== null && typeof config !== 'string')
    throw configError(at('wslConfig'), `needs a text or null, got ${describe(config)}`)
  return {
    build: buildNumber(object['build'], at('build')),
    sid: securityId(object['sid'], at('sid')),
    temp: path('temp'),
    localData: path('localData'),
    programs: path('programs'),
    wslConfig: {
      path: path('wslConfigPath'),
      bytes: config === null ? undefined : Buffer.from(config, 'base64'),
    },
    hasHyperVFirewall: object['hasHyperVFirewall'] === true,
    listening: new Set(
      listOf(object['listening']).filter((port): port is number => typeof port === 'number'),
    ),
    interfaces: listOf(object['interfaces']).map((each, index) =>
      interfaceOf(each, at(`interfaces[${String(index)}]`)),
    ),
  }
}

// GetTempPath ends with a separator.
function withoutEnd(value: unknown): unknown {
  return typeof value === 'string' && value.length > 3 ? value.replace(/\\$/, '') : value
}

// ConvertTo-Json of Windows PowerShell writes some lists as {"value": […], "Count": 2}, and some lists of
// one as their element.
function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (isObject(value) && Array.isArray(value['value'])) return value['value']
  return value === undefined || value === null ? [] : [value]
}

function interfaceOf(value: unknown, at: string): WindowsInterface {
  if (!isObject(value)) throw configError(at, `needs an object, got ${describe(value)}`)
  const metric = value['defaultMetric']
  return {
    alias: interfaceAlias(value['alias'], `${at}.alias`),
    isConnected: value['isConnected'] === true,
    isForwarding: value['isForwarding'] === true,
    addresses: listOf(value['addresses']).flatMap((text) => {
      const prefix = typeof text === 'string' ? parsePrefix(text) : undefined
      return prefix?.family === 4 ? [prefix] : []
    }),
    defaultMetric: typeof metric === 'number' && Number.isInteger(metric) ? metric : undefined,
  }
}
