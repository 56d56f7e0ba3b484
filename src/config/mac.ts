// A MAC address that a runtime asks for.

import { configError, describe } from './shape.ts'

/** Parses a MAC address; returns it in lowercase with colons. @throws CniError InvalidConfig */
export function parseMacText(value: unknown, path: string): string {
  const mac = typeof value === 'string' ? value.toLowerCase().replaceAll('-', ':') : ''
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac))
    throw configError(path, `${describe(value)} is not a MAC address`)
  // IEEE 802: the lowest bit of the first octet marks a group address, which no link can have.
  if (Number.parseInt(mac.slice(0, 2), 16) % 2 === 1 || mac === '00:00:00:00:00:00') {
    throw configError(path, `${mac} is not the address of one link (group bit set, or zero)`)
  }
  return mac
}
