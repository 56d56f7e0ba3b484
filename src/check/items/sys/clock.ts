// SYS-014: the clock.

import { checkItem, type Finding } from '../../item.ts'

// What daylight rules, a slow clock or a copied file can amount to without harm.
const TOLERANCE_SECONDS = 120

export const clockItem = checkItem({
  id: 'SYS-014',
  title: 'clock is not behind what was written on this host',
  why: 'Certificates count from and until a moment. A clock that stands still or fell back makes good certificates not valid yet; Nebula then refuses every peer.',
  causes: [
    "WSL2's clock stands still while Windows sleeps.",
    'A machine without a battery-backed clock before it has reached a time server.',
  ],
  steps: [
    'hwclock --hctosys, or: date -s @$(powershell.exe -Command "[DateTimeOffset]::Now.ToUnixTimeSeconds()" | tr -d "\\r")',
    'timedatectl set-ntp true, or: apt-get install chrony',
  ],
  needs: ['clock', 'now'],
  pre: true,
  judge: ({ clock: { youngest, uptimeSeconds, keeper }, now }): Finding => {
    const iso = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
    const up = `up for ${String(Math.floor(uptimeSeconds / 60))} minutes`
    if (youngest !== undefined && youngest.at > now + TOLERANCE_SECONDS) {
      const behind = `${String(youngest.at - now)} seconds`
      const seen = `it is ${iso(now)}, and ${youngest.path} was written at ${iso(youngest.at)}: the clock is at least ${behind} behind`
      return { verdict: 'fail', seen }
    }
    return {
      verdict: 'ok',
      seen: `${iso(now)}, ${keeper === undefined ? 'kept by the machine' : `kept by ${keeper}`}, ${up}`,
    }
  },
})
