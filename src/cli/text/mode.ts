/** Returns "0640" for the mode of a file. */
export function modeText(mode: number): string {
  return mode.toString(8).padStart(4, '0')
}
