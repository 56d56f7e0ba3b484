// The costs of test files: wall-clock time, and the processor time of all their processes. Pure.

export interface Cost {
  readonly name: string
  readonly wallS: number
  readonly cpuS: number
}

const MARK = '# cost '

/** Returns the comment with which in-process.ts reports a file's cost in its TAP stream. */
export function costComment(cost: Cost): string {
  return `${MARK.slice(2)}${JSON.stringify(cost)}`
}

/** Reads these comments from a TAP stream. */
export function costsWithin(tap: string): readonly Cost[] {
  return tap
    .split('\n')
    .filter((line) => line.startsWith(`${MARK}{`))
    .map((line) => JSON.parse(line.slice(MARK.length)) as Cost)
}

/** Returns the slowest ones, one line each. */
export function slowest(costs: readonly Cost[], how: number): readonly string[] {
  return costs
    .toSorted((one, other) => other.wallS - one.wallS)
    .slice(0, how)
    .map(({ name, wallS, cpuS }) => `${seconds(wallS)} wall ${seconds(cpuS)} CPU  ${name}`)
}

/** Returns the sum of several costs, under one name. */
export function sumOf(name: string, costs: readonly Cost[]): Cost {
  return costs.reduce((sum, { wallS, cpuS }) => ({ name, wallS: sum.wallS + wallS, cpuS: sum.cpuS + cpuS }), {
    name,
    wallS: 0,
    cpuS: 0,
  })
}

function seconds(value: number): string {
  return `${value.toFixed(1).padStart(7)} s`
}
