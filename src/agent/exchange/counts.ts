// What the exchange of certificates counts.

import type { ReceivedRefusal } from './learn.ts'

/** Answers to our requests, and what was received. */
export type ExchangeCount =
  | { readonly kind: 'pull'; readonly result: 'list' | 'unchanged' | 'failed' }
  | { readonly kind: 'announce'; readonly result: 'taken' | 'refused' | 'failed' }
  | { readonly kind: 'learnt' }
  | { readonly kind: 'refused'; readonly why: ReceivedRefusal }
