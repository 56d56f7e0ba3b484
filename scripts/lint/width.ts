// A rule for oxlint: no line is wider than 110 columns. prettier breaks code there, but neither comments nor
// strings.

/** What prettier breaks code at, too (package.json). */
export const MOST_COLUMNS = 110

interface WideLine {
  /** Counted from 1. */
  readonly line: number
  readonly columns: number
}

/** Returns the lines of a text that are too wide. A column is a UTF-16 code unit. */
export function wideLines(text: string): readonly WideLine[] {
  return text
    .split('\n')
    .map((each, index) => ({ line: index + 1, columns: each.length }))
    .filter(({ columns }) => columns > MOST_COLUMNS)
}

interface Context {
  readonly sourceCode: { readonly text: string }
  readonly report: (problem: { readonly loc: Place; readonly message: string }) => void
}
interface Place {
  readonly start: { readonly line: number; readonly column: number }
  readonly end: { readonly line: number; readonly column: number }
}

export const width = {
  create: ({ sourceCode, report }: Context): object => ({
    Program: () => {
      for (const { line, columns } of wideLines(sourceCode.text))
        report({
          loc: { start: { line, column: MOST_COLUMNS }, end: { line, column: columns } },
          message: `${String(columns)} columns, and ${String(MOST_COLUMNS)} are allowed: break the line`,
        })
    },
  }),
}
