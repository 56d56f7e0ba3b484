// Has Nebula's rules of this host let in what a certificate lets the host receive: after it became a gateway,
// packets for the whole pool.

import { CniCode, CniError } from '../../cni/error.ts'
import type { Settings } from '../../config/settings.ts'
import { installedNebula } from '../../exec/nebula/nebula-version.ts'
import type { Certificate } from '../../nebula/certificate/certificate.ts'
import { isRuleCovered } from '../../provision/nebula/cover.ts'
import { nebulaSettings } from '../../provision/nebula/config.ts'
import type { Item } from '../../provision/nebula/setting.ts'
import { isObject } from '../../json.ts'
import { readText } from '../../state/files/atomic.ts'
import { loadNebulaConfig, nebulaConfigValue } from '../identity/nebula-config.ts'
import { changeOwn } from './change-own.ts'
import { ownPlan } from './own-plan.ts'
import { testNebulaConfig } from './write-configuration.ts'
import { withRules } from './yaml-rules.ts'

/**
 * Adds the rules that are missing; Nebula reads them at its next reload. Does nothing where all are there.
 * @throws CniError that names the file and what to do by hand
 */
export async function letIn(settings: Settings, certificate: Certificate): Promise<void> {
  const { config } = settings.nebula
  const { state, facts, problems } = loadNebulaConfig(config)
  if (state !== 'read')
    throw new CniError(CniCode.DecodeFailure, 'nebula configuration not readable', problems.join('; '))
  const nebula = await installedNebula(process.env['PATH'])
  if (nebula === undefined || !('version' in nebula))
    throw new CniError(
      CniCode.InvalidEnvironment,
      'Nebula is not installed',
      'no nebula on the PATH says which rules it reads: put it there',
    )
  const settingsOf = nebulaSettings(ownPlan(settings, certificate, facts, nebula.version))
  const rules = settingsOf.find(({ path }) => path.join('.') === 'firewall.inbound')?.items ?? []
  const missing = rules.filter(({ value }) => !isRuleCovered(value, inboundOf(nebulaConfigValue(config))))
  if (missing.length === 0) return
  const before = readText(config)
  const text = before === undefined ? undefined : withRules(before, missing)
  if (text === undefined) throw notExtended(config, missing)
  await testNebulaConfig(nebula.executable, config, text)
  changeOwn(config, () => text)
}

function inboundOf(value: unknown): unknown {
  const firewall = isObject(value) ? value['firewall'] : undefined
  return isObject(firewall) ? firewall['inbound'] : undefined
}

function notExtended(config: string, missing: readonly Item[]): CniError {
  return new CniError(
    CniCode.InvalidConfig,
    'rules not extended',
    `${config}: has no list firewall.inbound that can be extended: add ` +
      `${missing.map(({ value }) => JSON.stringify(value)).join(', ')} to it there`,
  )
}
