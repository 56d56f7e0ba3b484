// How much one call may execute: instructions of its own process in user space, and programs that it starts.
// Both are counts, so a test can hold them on any machine (test/integration/install/instructions.ts). Lower a
// figure when a change earns it; raise one only with the reason in the commit.

/** The kinds of call, in the order of the output. */
export const CALL_IDS = ['version', 'bare-add', 'bare-del', 'port-add', 'port-del'] as const

export type CallId = (typeof CALL_IDS)[number]

interface Budget {
  /** Millions of instructions of the executable's own process. */
  readonly millions: number
  readonly programs: number
}

/** For x64: other processors need other numbers. 5 % more than measured. */
export const BUDGETS: Readonly<Record<CallId, Budget>> = {
  version: { millions: 82, programs: 0 },
  'bare-add': { millions: 123, programs: 5 },
  'bare-del': { millions: 112, programs: 2 },
  'port-add': { millions: 123, programs: 5 },
  'port-del': { millions: 112, programs: 3 },
}
