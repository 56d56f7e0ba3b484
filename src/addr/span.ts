// A contiguous range of addresses, which need not be a network.

import type { Ip } from './ip.ts'
import { networkOf, type Prefix, sizeOf } from './prefix.ts'

/** Addresses from `first` to `last`, inclusive, of one family. */
export interface Span {
  readonly first: Ip
  readonly last: Ip
}

/** Returns all addresses of a network. */
export function spanOf(network: Prefix): Span {
  const { family, value } = networkOf(network)
  return { first: { family, value }, last: { family, value: value + sizeOf(network) - 1n } }
}

/** Returns whether `ip` is in the span. */
export function isWithin({ first, last }: Span, ip: Ip): boolean {
  return first.family === ip.family && first.value <= ip.value && ip.value <= last.value
}

/** Returns the part of the span that is in a network, or undefined. */
export function clip({ first, last }: Span, network: Prefix): Span | undefined {
  const whole = spanOf(network)
  if (first.family !== network.family || last.value < whole.first.value || first.value > whole.last.value)
    return undefined
  return {
    first: first.value < whole.first.value ? whole.first : first,
    last: last.value > whole.last.value ? whole.last : last,
  }
}

/** Yields the addresses of the spans in order, at most `most` per span. */
export function* addressesOf(spans: readonly Span[], most: number): Generator<Ip> {
  for (const { first, last } of spans) {
    for (let value = first.value; value <= last.value && value < first.value + BigInt(most); value++)
      yield { family: first.family, value }
  }
}
