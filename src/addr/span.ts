// A run of addresses that need not be a network.

import type { Ip } from './ip.ts'
import { networkOf, type Prefix, sizeOf } from './prefix.ts'

/** Addresses from `first` to `last`, both included and of one family. */
export interface Span {
  readonly first: Ip
  readonly last: Ip
}

/** All addresses of a network. */
export function spanOf(network: Prefix): Span {
  const { family, value } = networkOf(network)
  return { first: { family, value }, last: { family, value: value + sizeOf(network) - 1n } }
}

/** Whether `ip` is one of them. */
export function isWithin({ first, last }: Span, ip: Ip): boolean {
  return first.family === ip.family && first.value <= ip.value && ip.value <= last.value
}

/** The part of it that lies in a network, or undefined. */
export function clip({ first, last }: Span, network: Prefix): Span | undefined {
  const whole = spanOf(network)
  if (first.family !== network.family || last.value < whole.first.value || first.value > whole.last.value)
    return undefined
  return {
    first: first.value < whole.first.value ? whole.first : first,
    last: last.value > whole.last.value ? whole.last : last,
  }
}

/** The addresses of spans one after another, at most `most` of each. */
export function* addressesOf(spans: readonly Span[], most: number): Generator<Ip> {
  for (const { first, last } of spans) {
    for (let value = first.value; value <= last.value && value < first.value + BigInt(most); value++)
      yield { family: first.family, value }
  }
}
