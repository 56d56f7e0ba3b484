// SYS-014: the clock is not behind files written on this host.

import { checkItem, type Finding } from '../../item.ts'

// Allows for daylight saving rules, a slow clock or a copied file, which do no harm.
const TOLERANCE_SECONDS = 120

export const clockItem = checkItem({
  id: 'SYS-014',
  title: 'clock is not behind the files on this host',
  fault: 'clock is behind',
  why:
    'Certificates are valid between two moments. A clock that stops or falls back makes good ' +
    'certificates not valid yet, and Nebula then refuses every peer.',
  causes: [
    "WSL2's clock stops while Windows sleeps.",
    'The machine has no battery-backed clock, and has not reached a time server yet.',
  ],
  steps: [
    'hwclock --hctosys, or: date -s @$(powershell.exe -Command ' +
      '"[DateTimeOffset]::Now.ToUnixTimeSeconds()" | tr -d "\\r")',
    'timedatectl set-ntp true, or: apt-get install chrony',
  ],
  needs: ['clock', 'now'],
  pre: true,
  judge: ({ clock: { youngest, uptimeSeconds, keeper }, now }): Finding => {
    const iso = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
    const up = `up for ${String(Math.floor(uptimeSeconds / 60))} minutes`
    if (youngest !== undefined && youngest.at > now + TOLERANCE_SECONDS) {
      const behind = `${String(youngest.at - now)} seconds`
      const seen =
        `it is ${iso(now)}, but ${youngest.path} was written at ${iso(youngest.at)}: ` +
        `the clock is at least ${behind} behind`
      return { verdict: 'fail', seen }
    }
    return {
      verdict: 'ok',
      seen: `${iso(now)}, ${keeper === undefined ? 'kept by the machine' : `kept by ${keeper}`}, ${up}`,
    }
  },
})
