// The kinds of repair. Each takes the arguments of a Fix (src/check/item.ts) and throws on failure.

export const REPAIRS: Readonly<
  Record<string, () => Promise<(given: readonly string[]) => Promise<void> | void>>
> = {
  gc: async () => (await import('./gc.ts')).repairByGc,
  mode: async () => (await import('./mode.ts')).repairMode,
  master: async () => (await import('./master.ts')).repairMaster,
  sync: async () => (await import('./sync.ts')).repairBySync,
  sysctl: async () => (await import('./sysctl.ts')).repairSysctl,
}
