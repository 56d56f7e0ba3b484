// The words of `flatnet-cni statement`.

import type { HandedOver } from '../../../setup/hand-over.ts'
import type { Statement } from '../../../provision/statement/statement.ts'
import type { Theme } from '../../terminal.ts'

/** Returns what --json prints of a statement that this host took. */
export function handedData({ taken, signed, agent }: HandedOver): object {
  return { taken, statement: signed.statement, passedOn: agent === undefined, problem: agent ?? null }
}

/** Renders what became of a statement on this host. */
export function handedText({ taken, signed, agent }: HandedOver, theme: Theme): string {
  const what = `${headline(signed.statement)}: ${taken === 'new' ? 'taken' : 'this host has it already'}`
  return agent === undefined
    ? `${what}. The agent passes it on to every host that it reaches; others get it when they are back.\n`
    : `${what}. ${theme.warn('It is not passed on yet')}: ${agent}\n`
}

/** Renders the statements of this host. */
export function listText(
  statements: readonly Statement[],
  problems: readonly string[],
  theme: Theme,
): string {
  const wrong = problems.map((problem) => `${theme.bad('✗')} ${problem}\n`)
  if (statements.length === 0)
    return `no statements: the office has revoked and renewed nothing\n${wrong.join('')}`
  return statements
    .map((statement) => {
      const lines =
        statement.kind === 'revocation'
          ? statement.revoked.map(({ name, fingerprint }) => `    ${name}  ${fingerprint}\n`)
          : []
      return `${headline(statement)}\n${lines.join('')}`
    })
    .concat(wrong)
    .join('')
}

function headline(statement: Statement): string {
  const { kind, office, at } = statement
  // A certificate of P-256 has two fingerprints.
  const [count, what] =
    statement.kind === 'revocation'
      ? [statement.revoked.length, 'fingerprint']
      : [statement.certificates.length, 'certificate']
  return `${kind} of office ${office}, ${at}, ${String(count)} ${what}${count === 1 ? '' : 's'}`
}
