// NEB-002: its version is one that is known to work.

import { checkItem, type Finding } from '../../item.ts'
import { isAtLeast } from '../../version.ts'

export const version = checkItem({
  id: 'NEB-002',
  title: 'nebula has a supported version',
  why: 'Routes to containers follow flatnet from 1.7 on; some versions have faults that let strangers in or lose routes.',
  causes: ['Debian 12 and Ubuntu 24.04 have 1.6.1 in their archives.', 'The host was not updated for long.'],
  steps: [
    'install Nebula 1.9.7 or newer from https://github.com/slackhq/nebula/releases',
    'systemctl restart nebula@config',
  ],
  needs: ['nebula'],
  after: ['NEB-001'],
  judge: ({ nebula: { own } }) => {
    if (own === undefined)
      return { verdict: 'skip', seen: 'no process of Nebula is in this network namespace' }
    if (own.version === undefined)
      return { verdict: 'skip', seen: own.silent ?? 'it does not tell its version' }
    return judgeVersion(own.version)
  },
})

// CVE-2025-62820 and the faults of 1.10.0 and 1.10.1: slackhq/nebula, CHANGELOG.md.
function judgeVersion(version: string): Finding {
  if (!isAtLeast(version, '1.7.0')) {
    const seen = `${version} neither reads the system's routes nor takes new ones: every peer has to stand in tun.unsafe_routes`
    return { verdict: 'warn', seen }
  }
  if (isAtLeast(version, '1.9.4') && !isAtLeast(version, '1.9.7')) {
    const seen = `${version} takes packets with forged source addresses from hosts that have subnets (CVE-2025-62820)`
    return { verdict: 'fail', seen }
  }
  if (!isAtLeast(version, '1.9.3'))
    return {
      verdict: 'warn',
      seen: `${version} is older than any that was tried; 1.9.7 or newer is recommended`,
    }
  if (!isAtLeast(version, '1.9.7'))
    return { verdict: 'ok', seen: `${version}; 1.9.7 or newer is recommended` }
  if (isAtLeast(version, '1.10.0') && !isAtLeast(version, '1.10.2')) {
    return {
      verdict: 'warn',
      seen: `${version} can lose the system's routes or stop while it reads them; 1.10.2 or newer is recommended`,
    }
  }
  return {
    verdict: 'ok',
    seen: isAtLeast(version, '1.12.0') ? `${version}, newer than the newest that was tried, 1.11` : version,
  }
}
