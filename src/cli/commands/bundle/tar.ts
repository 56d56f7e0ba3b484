// Writes a POSIX tar archive (POSIX.1-2017, pax, "ustar Interchange Format"): regular files only, with
// neutral owner and time, so that equal files yield equal bytes.

/** One file; `path` is relative and consists of plain characters. */
interface TarEntry {
  readonly path: string
  readonly bytes: Buffer
}

const BLOCK = 512

/**
 * Returns the archive, entries sorted by path.
 * @throws RangeError for a path that the format cannot hold
 */
export function tarOf(entries: readonly TarEntry[]): Buffer {
  const sorted = entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const parts = sorted.flatMap(({ path, bytes }) => [
    header(path, bytes.length),
    bytes,
    padding(bytes.length),
  ])
  // Two zero blocks end the archive.
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)])
}

function header(path: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK)
  const [prefix, name] = split(path)
  const put = (text: string, offset: number): void => void block.write(text, offset, 'latin1')
  put(name, 0)
  put(octal(0o600, 8), 100)
  put(octal(0, 8), 108)
  put(octal(0, 8), 116)
  put(octal(size, 12), 124)
  put(octal(0, 12), 136)
  // The checksum counts its own field as spaces.
  put(' '.repeat(8), 148)
  put('0', 156)
  put('ustar\0' + '00', 257)
  put('root', 265)
  put('root', 297)
  put(prefix, 345)
  const sum = block.reduce((total, byte) => total + byte, 0)
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

// The name field holds 100 bytes; the part before one of its slashes may take 155 more.
function split(path: string): readonly [prefix: string, name: string] {
  if (path.length <= 100) return ['', path]
  const at = path.lastIndexOf('/', 155)
  const [prefix, name] = [path.slice(0, at), path.slice(at + 1)]
  if (at < 1 || name.length > 100) throw new RangeError(`${path} is too long for an archive`)
  return [prefix, name]
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`
}

function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK)
}
