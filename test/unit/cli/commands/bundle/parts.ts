import t from 'tap'
import { CniCode, CniError } from '../../../../../src/cni/error.ts'
import { gatherParts } from '../../../../../src/cli/commands/bundle/parts.ts'

const fails = (): never => {
  throw new CniError(CniCode.IoFailure, 'folder not readable', '/x: no')
}

t.test('an unavailable part is reported, and the rest included', async (t) => {
  const text = (path: string) => ({ path, read: () => ({ text: path }) })
  const { contents, failures } = await gatherParts(
    [
      { path: 'cni/', list: fails },
      { path: 'peers/', list: () => [text('peers/a'), { path: 'peers/b', read: fails }, text('peers/c')] },
      { path: 'nothing', read: () => undefined },
      text('last'),
    ],
    () => undefined,
  )
  t.same([...contents.keys()], ['peers/a', 'peers/c', 'last'])
  t.same(
    failures.map(({ part, reason }) => [part, reason]),
    [
      ['cni/', 'folder not readable: /x: no'],
      ['peers/b', 'folder not readable: /x: no'],
    ],
  )
})
