// What a host is in its office.

/** 'host' runs containers, 'lighthouse' tells hosts where others are and may run containers, too. */
export type Role = 'host' | 'lighthouse'

export const ROLES: readonly Role[] = ['host', 'lighthouse']
