// One echo request (iputils' ping): Node opens no raw sockets.

import { CniError } from '../cni/error.ts'
import { formatIp, type Ip } from '../addr/ip.ts'
import { run } from './run.ts'

/** Whether `ip` answers within `seconds`; undefined when there is no ping on this host. */
export async function ping(ip: Ip, seconds: number): Promise<boolean | undefined> {
  try {
    const args = ['-n', '-q', '-c', '1', '-W', String(seconds), formatIp(ip)]
    return (await run({ file: 'ping', args, timeoutMs: seconds * 1000 + 1000 })).exitCode === 0
  } catch (error) {
    if (error instanceof CniError && error.message === 'program missing') return undefined
    throw error
  }
}
