// Reads a chain of the forward hook to decide what happens to a bridge's packets.

/** One rule. It matches everything, one incoming or outgoing link, or something else. */
interface ForwardRule {
  readonly matches: 'all' | 'in' | 'out' | 'other'
  /** The matched link; a final "*" is a wildcard. */
  readonly link?: string
  readonly verdict: 'accept' | 'drop' | 'return' | 'call' | 'none'
  /** The chain that the rule jumps to. */
  readonly chain?: string
}

/** Rules by chain. */
export type ForwardRules = ReadonlyMap<string, readonly ForwardRule[]>

/** The fate of the packets; `doubt` when other conditions decide as well. */
export interface Passage {
  readonly end: 'accepted' | 'dropped' | 'policy'
  readonly doubt: boolean
}

/** Follows all packets from and to `bridge` through a chain and the chains that it unconditionally calls. */
export function followBridge(rules: ForwardRules, chain: string, bridge: string): Passage {
  const accepted = new Set<ForwardRule['matches']>()
  let doubt = false
  const isOurs = ({ matches, link = '' }: ForwardRule): boolean =>
    (matches === 'in' || matches === 'out') &&
    (link.endsWith('*') ? bridge.startsWith(link.slice(0, -1)) : link === bridge)

  const walk = (name: string, above: readonly string[]): Passage['end'] | undefined => {
    if (above.includes(name)) return undefined
    for (const rule of rules.get(name) ?? []) {
      if (rule.matches === 'all') {
        const end =
          endOf(rule.verdict) ??
          (rule.verdict === 'call' ? walk(rule.chain ?? '', [...above, name]) : undefined)
        if (end !== undefined) return end
        if (rule.verdict === 'return') return undefined
      } else if (isOurs(rule)) {
        if (rule.verdict === 'drop') return 'dropped'
        if (rule.verdict === 'accept') accepted.add(rule.matches)
        if (accepted.has('in') && accepted.has('out')) return 'accepted'
      }
      if (rule.matches === 'other' && (rule.verdict === 'accept' || rule.verdict === 'call')) doubt = true
      if (rule.verdict === 'call' && isOurs(rule)) doubt = true
    }
    return undefined
  }
  return { end: walk(chain, []) ?? 'policy', doubt }
}

/** Parses the chains of one table as printed by `nft list table`. */
export function readNftTable(text: string): ForwardRules {
  const chains = new Map<string, ForwardRule[]>()
  // nft continues a long statement on lines with deeper indentation.
  for (const [, name = '', body = ''] of text.matchAll(/^\tchain (\S+) \{\n([\s\S]*?)^\t\}/gm)) {
    const lines = body.replaceAll(/\n\t\t[\t}]\s*/g, ' ').split('\n')
    chains.set(
      name,
      lines
        .map((line) => line.trim())
        .filter((line) => line !== '' && !/^(type|policy|comment) /.test(line))
        .map(readNftRule),
    )
  }
  return chains
}

/** Parses the chains of a table as printed by `iptables -S`, and FORWARD's policy. */
export function readIptables(text: string): { readonly rules: ForwardRules; readonly policy: string } {
  const lines = [...text.matchAll(/^-A (\S+)(.*)$/gm)]
  const byChain = Map.groupBy(lines, ([, name = '']) => name)
  const rules = new Map(
    [...byChain].map(([name, own]) => [name, own.map(([, , rule = '']) => readIptablesRule(rule))]),
  )
  return { rules, policy: /^-P FORWARD (\S+)$/m.exec(text)?.[1] ?? 'ACCEPT' }
}

function readNftRule(line: string): ForwardRule {
  const rule = line
    .replaceAll(/ ?\bcounter( packets \d+ bytes \d+| name \S+)?/g, '')
    .replaceAll(/ ?\b(comment|log prefix) "[^"]*"/g, '')
    .replaceAll(/ ?\blog( (level|flags|group|snaplen) \S+)*/g, '')
    .trim()
  const [, way, link, rest = rule] = /^(iif|oif)(?:name)? "([^"]+)" (.*)$/.exec(rule) ?? []
  const [, whole, called] =
    /^(accept|drop|reject|return)\b(?: with .*)?$|^(?:jump|goto) (\S+)$/.exec(rest) ?? []
  const isPlain = whole !== undefined || called !== undefined
  const verdict = called !== undefined ? 'call' : isPlain ? verdictOf(whole) : hiddenVerdict(rest)
  return {
    matches: !isPlain ? 'other' : way === undefined ? 'all' : way === 'iif' ? 'in' : 'out',
    verdict,
    ...(link === undefined ? {} : { link }),
    ...(called === undefined ? {} : { chain: called }),
  }
}

// Returns the verdict that hides behind conditions unknown here, verdict maps among them.
function hiddenVerdict(rule: string): ForwardRule['verdict'] {
  if (isForAnswers(rule)) return 'none'
  if (/\b(accept|jump|goto|queue|vmap)\b/.test(rule)) return 'accept'
  return /\b(drop|reject)\b/.test(rule) ? 'drop' : 'none'
}

function readIptablesRule(text: string): ForwardRule {
  const rule = text.replace(/ -m comment --comment ("[^"]*"|\S+)/, '')
  const [, conditions = rule, flag, target = ''] = /^(.*?)(?: -([jg]) (\S+).*)?$/.exec(rule) ?? []
  const [, way, link] = /^ -([io]) (\S+)$/.exec(conditions) ?? []
  const verdict = flag === undefined ? 'none' : verdictOf(target.toLowerCase())
  return {
    matches: conditions === '' ? 'all' : way === undefined ? 'other' : way === 'i' ? 'in' : 'out',
    verdict: isForAnswers(conditions) ? 'none' : verdict,
    ...(link === undefined ? {} : { link: link.replace(/\+$/, '*') }),
    ...(verdict === 'call' ? { chain: target } : {}),
  }
}

// No reply comes without a first packet, so a rule for replies alone does not help.
function isForAnswers(rule: string): boolean {
  const states = /(?:\bct state|--(?:ct)?state) (\{[^}]*\}|\S+)/.exec(rule)?.[1]?.toLowerCase()
  return states !== undefined && /^[{},a-z\s]+$/.test(states) && !states.includes('new')
}

// The packet continues after targets that only take note of something.
const NOTES = new Set([
  'log',
  'nflog',
  'mark',
  'connmark',
  'tcpmss',
  'trace',
  'ct',
  'classify',
  'ulog',
  'checksum',
])

function verdictOf(word = ''): ForwardRule['verdict'] {
  if (word === 'accept' || word === 'return') return word
  if (word === 'drop' || word === 'reject') return 'drop'
  return NOTES.has(word) ? 'none' : 'call'
}

function endOf(verdict: ForwardRule['verdict']): Passage['end'] | undefined {
  return verdict === 'accept' ? 'accepted' : verdict === 'drop' ? 'dropped' : undefined
}
