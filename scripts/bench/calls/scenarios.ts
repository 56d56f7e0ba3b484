// All scenarios, in the order of the table.

import type { Scenario } from './row.ts'
import { attachmentScenarios } from './scenarios/attachments.ts'
import { leasesScenario } from './scenarios/leases.ts'
import { peersScenario } from './scenarios/peers.ts'
import { podmanRunScenario } from './scenarios/podman-run.ts'
import { podman5RunScenario } from './scenarios/podman5-run.ts'
import { podman5Scenarios } from './scenarios/podman5.ts'
import { togetherScenarios } from './scenarios/together.ts'
import { versionScenario } from './scenarios/version.ts'

const ALL: readonly Scenario[] = [
  ...attachmentScenarios,
  versionScenario,
  leasesScenario,
  peersScenario,
  ...togetherScenarios,
  podmanRunScenario,
  podman5RunScenario,
  ...podman5Scenarios,
]

/** The ids of all rows. */
export const ROW_IDS: readonly string[] = ALL.flatMap(({ ids }) => ids)

/** Returns the scenarios with at least one row whose id matches. */
export function scenariosFor(pattern: RegExp): readonly Scenario[] {
  return ALL.filter(({ ids }) => ids.some((id) => pattern.test(id)))
}
