// Which CAs count by what CAs say of each other: one introduces its successor, and the successor retires it.

import { CniError } from '../../cni/error.ts'
import { type CaPool, caPool } from '../../nebula/certificate/ca-pool.ts'
import type { Certificate } from '../../nebula/certificate/certificate.ts'
import { parseCertificates } from '../../nebula/certificate/parse.ts'
import { formatPem } from '../../nebula/certificate/pem.ts'
import type { Introduction, Statement, StatementKind } from './statement.ts'

/** What the CAs of a file become. */
export interface Trust {
  /** The CAs whose statements count: those of the file and those introduced, without those retired. */
  readonly pool: CaPool
  /** PEM of each CA that was introduced, by its fingerprint. */
  readonly introduced: ReadonlyMap<string, string>
  /** Fingerprints of those retired by the CA that they have introduced. */
  readonly retired: ReadonlySet<string>
}

// Two in a rotation. No chain of introductions may hold a host up.
const MOST_AUTHORITIES = 16

/**
 * Follows introductions and retirements from the CAs of a file.
 * @param statementOf returns a statement of a CA, verified against this pool
 */
export function trustOf(
  pool: CaPool,
  statementOf: (pool: CaPool, authority: string, kind: StatementKind) => Statement | undefined,
): Trust {
  const authorities = new Map(pool.authorities)
  const introduced = new Map<string, string>()
  const successors = new Map<string, string>()
  // An iterator of a Map comes to what is added on the way.
  for (const authority of authorities.keys()) {
    const said = statementOf({ ...pool, authorities }, authority, 'introduction')
    const found = said?.kind === 'introduction' ? introducedBy(said) : undefined
    if (said?.kind !== 'introduction' || found === undefined || authorities.size >= MOST_AUTHORITIES) continue
    successors.set(authority, found.fingerprint)
    if (authorities.has(found.fingerprint)) continue
    authorities.set(found.fingerprint, found)
    introduced.set(found.fingerprint, formatPem(said.certificate, 'introduced CA'))
  }
  const retired = new Set(
    [...authorities.keys()].flatMap((authority) => {
      const said = statementOf({ ...pool, authorities }, authority, 'retirement')
      // Another CA of the same file must not be taken away by it.
      return said?.kind === 'retirement'
        ? said.retired.filter((fingerprint) => successors.get(fingerprint) === authority)
        : []
    }),
  )
  return {
    pool: { ...pool, authorities: new Map([...authorities].filter(([each]) => !retired.has(each))) },
    introduced,
    retired,
  }
}

/** Returns the CA that an introduction names; undefined where it names none. */
export function introducedBy({ certificate }: Introduction): Certificate | undefined {
  try {
    const [first, ...more] = caPool(certificate, 'introduced CA').authorities.values()
    return more.length === 0 ? first : undefined
  } catch (error) {
    if (error instanceof CniError) return undefined
    throw error
  }
}

/**
 * Returns the text of a CA file with the introduced CAs and without the retired ones; undefined if it has to
 * stay as it is. @param needed CAs that stay in any case: those of this host's own certificate
 * @throws CniError DecodeFailure
 */
export function caFileText(
  pem: string,
  { introduced, retired }: Pick<Trust, 'introduced' | 'retired'>,
  needed: ReadonlySet<string>,
): string | undefined {
  const blocks = blocksOf(pem)
  const kept = new Map([...blocks].filter(([each]) => !retired.has(each) || needed.has(each)))
  for (const [fingerprint, text] of introduced) if (!retired.has(fingerprint)) kept.set(fingerprint, text)
  const isSame = kept.size === blocks.size && [...kept.keys()].every((each) => blocks.has(each))
  return isSame || kept.size === 0 ? undefined : [...kept.values()].join('')
}

function blocksOf(pem: string): ReadonlyMap<string, string> {
  const texts = formatPem(pem, 'CA file').match(/-----BEGIN [^]*?-----END .*\n/g) ?? []
  return new Map(
    texts.flatMap((text) =>
      parseCertificates(text, 'CA file').map(({ fingerprint }) => [fingerprint, text] as const),
    ),
  )
}
