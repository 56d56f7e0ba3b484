// Changes kernel settings.

import { ensureSysctl } from '../../exec/network/sysctl.ts'

/**
 * Sets one kernel setting.
 * @param given name below /proc/sys/net, value
 * @throws CniError IoFailure
 */
export function repairSysctl([name = '', value = '']: readonly string[]): void {
  ensureSysctl(name, value)
}
