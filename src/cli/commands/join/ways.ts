/** The values of --windows. */
export const WINDOWS_WAYS = ['print', 'run', 'skip'] as const
