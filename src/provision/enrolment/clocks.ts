// What a host does about a clock that differs from the office's. A certificate begins at the office's time,
// and Nebula takes none that is not valid yet.

import { CniCode, CniError } from '../../cni/error.ts'

/** Seconds that a host's clock may be behind. It waits that long at most until its certificate is valid. */
const MOST_BEHIND = 60
// Ahead by less than a certificate lasts does no harm to the host itself, but its own measurements and logs
// lie.
const MOST_AHEAD = 300

/**
 * Refuses a clock that is wrong. @param host @param office Unix seconds
 * @throws CniError CertificateRefused
 */
export function refuseWrongClock(host: number, office: number): void {
  const behind = office - host
  if (behind <= MOST_BEHIND && -behind <= MOST_AHEAD) return
  const [how, then] =
    behind > 0
      ? ['behind', 'so its certificate would not be valid yet']
      : ['ahead of', "so one of the two clocks is wrong, and certificates count by the office's"]
  throw new CniError(
    CniCode.CertificateRefused,
    'clocks differ',
    `this host's clock is ${spanText(Math.abs(behind))} ${how} the office's, ${then}: set it ` +
      '(timedatectl set-ntp true; in WSL2: hwclock -s), compare both with date -u, and run the same ' +
      'command again; nothing was signed',
  )
}

function spanText(seconds: number): string {
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${String(minutes)} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48
    ? `${String(hours)} h ${String(minutes % 60)} min`
    : `${String(Math.floor(hours / 24))} days`
}
