import t, { type Test } from 'tap'
import { interfaceNameProblem, parseEnvironment } from '../../../src/cni/environment.ts'
import { CniCode, CniError } from '../../../src/cni/error.ts'

const ADD = { CNI_COMMAND: 'ADD', CNI_CONTAINERID: 'c1', CNI_NETNS: '/run/netns/x', CNI_IFNAME: 'eth0' }

t.test('a complete environment is read', async (t) => {
  const read = parseEnvironment({ ...ADD, CNI_ARGS: 'IgnoreUnknown=1;K8S_POD_NAME=p;IP=10.87.1.9' })
  t.match(read, {
    verb: 'ADD',
    containerID: 'c1',
    netns: '/run/netns/x',
    ifname: 'eth0',
    allowOwnNetns: false,
  })
  t.equal(read.args.get('IP'), '10.87.1.9')
})

t.test('every missing variable is named in one error', async (t) => {
  refused(t, { CNI_COMMAND: 'ADD' }, /CNI_CONTAINERID, CNI_IFNAME, CNI_NETNS/)
  refused(t, { CNI_COMMAND: 'CHECK', CNI_IFNAME: 'eth0' }, /CNI_CONTAINERID, CNI_NETNS/)
  refused(t, { CNI_COMMAND: 'DEL' }, /^DEL needs CNI_CONTAINERID, CNI_IFNAME$/)
})

t.test('DEL does without a namespace', async (t) => {
  t.equal(parseEnvironment({ ...ADD, CNI_COMMAND: 'DEL', CNI_NETNS: '' }).netns, '')
  t.equal(parseEnvironment({ ...ADD, CNI_COMMAND: 'DEL', CNI_NETNS: undefined }).netns, '')
})

const bad: [string, Record<string, string>, RegExp][] = [
  ['an unknown verb', { CNI_COMMAND: 'UPDATE' }, /CNI_COMMAND=UPDATE/],
  ['a container ID with a slash', { CNI_CONTAINERID: 'a/b' }, /CNI_CONTAINERID="a\/b"/],
  ['a container ID that begins with a dash', { CNI_CONTAINERID: '-rf' }, /CNI_CONTAINERID/],
  ['a name of 16 bytes', { CNI_IFNAME: 'a234567890123456' }, /longer than 15 bytes/],
  ['a name that is a dot', { CNI_IFNAME: '.' }, /not a name/],
  ['a name with a slash', { CNI_IFNAME: 'a/b' }, /character outside/],
  ['a name with a colon', { CNI_IFNAME: 'a:b' }, /character outside/],
  ['a name with a blank', { CNI_IFNAME: 'a b' }, /character outside/],
  ['a name that looks like an option', { CNI_IFNAME: '-all' }, /character outside/],
  ['a name that the kernel would number', { CNI_IFNAME: 'br%d' }, /./],
  ['a name that stands for every link', { CNI_IFNAME: 'all' }, /./],
  ['a namespace path with a blank', { CNI_NETNS: '/run/netns/a b' }, /CNI_NETNS/],
  ['a name with a comment sign', { CNI_IFNAME: 'a#b' }, /character outside/],
  ['a relative namespace path', { CNI_NETNS: 'netns/x' }, /not an absolute path/],
  ['an argument without value sign', { CNI_ARGS: 'IP' }, /"IP" is not KEY=VALUE/],
  ['an argument with two value signs', { CNI_ARGS: 'IP=1=2' }, /is not KEY=VALUE/],
  ['an unknown argument', { CNI_ARGS: 'K8S_POD_NAME=p' }, /unknown key "K8S_POD_NAME"/],
]
for (const [name, change, details] of bad) {
  t.test(`${name} is refused`, async (t) => refused(t, { ...ADD, ...change }, details))
}

t.test('a trailing semicolon in CNI_ARGS is tolerated', async (t) => {
  t.equal(parseEnvironment({ ...ADD, CNI_ARGS: 'IP=10.87.1.9;' }).args.get('IP'), '10.87.1.9')
})

t.test('CNI_NETNS_OVERRIDE allows our own namespace', async (t) => {
  for (const value of ['1', 'TRUE', 'true']) {
    t.equal(parseEnvironment({ ...ADD, CNI_NETNS_OVERRIDE: value }).allowOwnNetns, true)
  }
})

t.test('ordinary link names pass', async (t) => {
  for (const name of ['eth0', 'nebula1', 'br-1234567890ab', 'eth0.100', 'v@x'])
    t.equal(interfaceNameProblem(name), undefined)
})

function refused(t: Test, variables: Record<string, string>, details: RegExp): void {
  try {
    parseEnvironment(variables)
    t.fail('was let through')
  } catch (error) {
    t.ok(error instanceof CniError)
    t.match(error, { code: CniCode.InvalidEnvironment, details })
  }
}
