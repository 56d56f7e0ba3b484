// NEB-002: the Nebula version is known to work.

import { NEBULA } from '../../../nebula/service.ts'
import { checkItem, type Finding } from '../../item.ts'
import { isAtLeast } from '../../../program-version.ts'

export const version = checkItem({
  id: 'NEB-002',
  title: 'Nebula has a supported version',
  fault: 'Nebula is older than any version tested',
  why:
    'Routes to containers need Nebula 1.7 or newer. Some later versions accept forged packets or ' +
    'lose routes.',
  causes: [
    'Debian 12 and Ubuntu 24.04 have 1.6.1 in their archives.',
    'The host was not updated for a long time.',
  ],
  steps: ['install Nebula 1.9.7 or newer from https://github.com/slackhq/nebula/releases', NEBULA.restart],
  needs: ['nebula'],
  after: ['NEB-001'],
  judge: ({ nebula: { own } }) => {
    if (own === undefined) return { verdict: 'skip', seen: 'no Nebula process in this network namespace' }
    if (own.version === undefined) return { verdict: 'skip', seen: own.silent ?? 'its version is unknown' }
    return judgeVersion(own.version)
  },
})

// CVE-2025-62820 and the bugs of 1.10.0 and 1.10.1: slackhq/nebula, CHANGELOG.md.
function judgeVersion(version: string): Finding {
  if (!isAtLeast(version, '1.7.0')) {
    const seen = `${version} does not follow the system's routes, so every peer must be in tun.unsafe_routes`
    return { verdict: 'warn', fault: 'Nebula is too old to follow routes', seen }
  }
  if (isAtLeast(version, '1.9.4') && !isAtLeast(version, '1.9.7')) {
    const seen = `${version} accepts forged source addresses from hosts that have subnets (CVE-2025-62820)`
    return { verdict: 'fail', fault: 'Nebula has a known vulnerability', seen }
  }
  if (!isAtLeast(version, '1.9.3'))
    return {
      verdict: 'warn',
      seen: `${version}; 1.9.3 is the oldest version tested, and 1.9.7 or newer is recommended`,
    }
  if (!isAtLeast(version, '1.9.7'))
    return { verdict: 'ok', seen: `${version}; 1.9.7 or newer is recommended` }
  if (isAtLeast(version, '1.10.0') && !isAtLeast(version, '1.10.2')) {
    return {
      verdict: 'warn',
      fault: 'Nebula has a known bug with routes',
      seen:
        `${version} can lose the system's routes, or stop while it reads them; ` +
        '1.10.2 or newer is recommended',
    }
  }
  return {
    verdict: 'ok',
    seen: isAtLeast(version, '1.12.0') ? `${version}, newer than 1.11, the newest version tested` : version,
  }
}
