// <stateDir>/names-stand-in.nft: the rules for questions about names while no agent answers them. The agent
// writes the file. Its guard, systemd's ExecStopPost or the next ADD loads it when the agent is dead. While
// it exists, new containers are told to ask the agent.

import { readCachedText } from '../files/cache.ts'

export function standInPath(stateDir: string): string {
  return `${stateDir}/names-stand-in.nft`
}

/** Returns the rules, or undefined if there are none. */
export function standInRules(stateDir: string): string | undefined {
  return readCachedText(standInPath(stateDir))
}
