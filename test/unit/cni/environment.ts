import t, { type Test } from 'tap'
import { type CniEnvironment, interfaceNameProblem, parseEnvironment } from '../../../src/cni/environment.ts'
import { CniCode, CniError } from '../../../src/cni/error.ts'

const ADD = { CNI_COMMAND: 'ADD', CNI_CONTAINERID: 'c1', CNI_NETNS: '/run/netns/x', CNI_IFNAME: 'eth0' }

function parse(variables: Record<string, string | undefined>): CniEnvironment {
  const read = parseEnvironment(variables)
  if (!('containerID' in read)) throw new Error(`${read.verb} is about no attachment`)
  return read
}

t.test('a complete environment is read', async (t) => {
  const read = parse({ ...ADD, CNI_ARGS: 'IgnoreUnknown=1;K8S_POD_NAME=p;IP=10.87.1.9' })
  t.match(read, {
    verb: 'ADD',
    containerID: 'c1',
    netns: '/run/netns/x',
    ifname: 'eth0',
    allowOwnNetns: false,
  })
  t.equal(read.args.get('IP'), '10.87.1.9')
})

// Which variables each verb needs; undefined if the call is complete.
const needs: [string, Record<string, string>, RegExp | undefined][] = [
  ['ADD', {}, /^ADD needs CNI_CONTAINERID, CNI_IFNAME, CNI_NETNS$/],
  ['ADD', { CNI_CONTAINERID: 'c1', CNI_IFNAME: 'eth0' }, /^ADD needs CNI_NETNS$/],
  ['CHECK', {}, /^CHECK needs CNI_CONTAINERID, CNI_IFNAME, CNI_NETNS$/],
  ['CHECK', { CNI_IFNAME: 'eth0', CNI_NETNS: '' }, /^CHECK needs CNI_CONTAINERID, CNI_NETNS$/],
  ['DEL', {}, /^DEL needs CNI_CONTAINERID, CNI_IFNAME$/],
  ['DEL', { CNI_CONTAINERID: 'c1', CNI_IFNAME: 'eth0' }, undefined],
  ['GC', {}, undefined],
  ['STATUS', {}, undefined],
]
for (const [verb, given, details] of needs) {
  t.test(`every missing variable is named in one error: ${verb} with ${JSON.stringify(given)}`, async (t) => {
    const variables = { CNI_COMMAND: verb, ...given }
    if (details === undefined) t.equal(parseEnvironment(variables).verb, verb)
    else refused(t, variables, details)
  })
}

t.test('GC and STATUS ignore the variables of an attachment', async (t) => {
  const odd = { CNI_CONTAINERID: '/', CNI_IFNAME: 'dummy dummy dummy', CNI_ARGS: 'nonsense' }
  for (const verb of ['GC', 'STATUS']) t.same(parseEnvironment({ ...odd, CNI_COMMAND: verb }), { verb })
})

t.test('DEL succeeds after an ADD that was refused because of CNI_ARGS', async (t) => {
  t.equal(parse({ ...ADD, CNI_COMMAND: 'DEL', CNI_ARGS: 'IP=1=2;nonsense' }).verb, 'DEL')
})

t.test('DEL succeeds after an ADD that was refused for a legal name or path', async (t) => {
  for (const CNI_IFNAME of ['br%d', 'all', 'a#b', 'län'])
    t.equal(parse({ ...ADD, CNI_COMMAND: 'DEL', CNI_IFNAME }).ifname, CNI_IFNAME)
  for (const CNI_NETNS of ['netns/x', '/run/netns/a b'])
    t.equal(parse({ ...ADD, CNI_COMMAND: 'DEL', CNI_NETNS }).verb, 'DEL')
  for (const CNI_IFNAME of ['a/b', 'a b', '..', 'a:b'])
    refused(t, { ...ADD, CNI_COMMAND: 'DEL', CNI_IFNAME }, /CNI_IFNAME/)
})

t.test('IgnoreUnknown=1 or true allows unknown keys in CNI_ARGS', async (t) => {
  for (const value of ['1', 'true', 'TRUE']) {
    t.equal(
      parse({ ...ADD, CNI_ARGS: `K8S_POD_NAME=p;IgnoreUnknown=${value}` }).args.get('K8S_POD_NAME'),
      'p',
    )
  }
  refused(t, { ...ADD, CNI_ARGS: 'K8S_POD_NAME=p;IgnoreUnknown=0' }, /unknown key "K8S_POD_NAME"/)
  refused(t, { ...ADD, CNI_ARGS: 'ignoreunknown=1' }, /unknown key "ignoreunknown"/)
})

t.test('DEL needs no namespace', async (t) => {
  t.equal(parse({ ...ADD, CNI_COMMAND: 'DEL', CNI_NETNS: '' }).netns, '')
  t.equal(parse({ ...ADD, CNI_COMMAND: 'DEL', CNI_NETNS: undefined }).netns, '')
})

const bad: [string, Record<string, string>, RegExp][] = [
  ['an unknown verb', { CNI_COMMAND: 'UPDATE' }, /CNI_COMMAND=UPDATE/],
  ['a container ID with a slash', { CNI_CONTAINERID: 'a/b' }, /CNI_CONTAINERID="a\/b"/],
  ['a container ID that begins with a dash', { CNI_CONTAINERID: '-rf' }, /CNI_CONTAINERID/],
  ['a name of 16 bytes', { CNI_IFNAME: 'a234567890123456' }, /longer than 15 bytes/],
  ['a name that is a dot', { CNI_IFNAME: '.' }, /not a valid name/],
  ['a name with a slash', { CNI_IFNAME: 'a/b' }, /a slash, a colon or white space/],
  ['a name with a colon', { CNI_IFNAME: 'a:b' }, /a slash, a colon or white space/],
  ['a name with a blank', { CNI_IFNAME: 'a b' }, /a slash, a colon or white space/],
  ['a name that looks like an option', { CNI_IFNAME: '-all' }, /character outside/],
  ['a name that the kernel would number', { CNI_IFNAME: 'br%d' }, /./],
  ['a name that means every link', { CNI_IFNAME: 'all' }, /./],
  ['a namespace path with a blank', { CNI_NETNS: '/run/netns/a b' }, /CNI_NETNS/],
  ['a name with a no-break space', { CNI_IFNAME: 'a\u00a0b' }, /a slash, a colon or white space/],
  ['a name that is two dots', { CNI_IFNAME: '..' }, /not a valid name/],
  ['a name of 8 letters and 16 bytes', { CNI_IFNAME: 'éééééééé' }, /longer than 15 bytes/],
  ['a name with a comment sign', { CNI_IFNAME: 'a#b' }, /character outside/],
  ['a relative namespace path', { CNI_NETNS: 'netns/x' }, /not an absolute path/],
  ['an argument without an equals sign', { CNI_ARGS: 'IP' }, /"IP" is not KEY=VALUE/],
  ['an argument with two equals signs', { CNI_ARGS: 'IP=1=2' }, /is not KEY=VALUE/],
  ['an unknown argument', { CNI_ARGS: 'K8S_POD_NAME=p' }, /unknown key "K8S_POD_NAME"/],
]
for (const [name, change, details] of bad) {
  t.test(`${name} is refused`, async (t) => refused(t, { ...ADD, ...change }, details))
}

t.test('a trailing semicolon in CNI_ARGS is tolerated', async (t) => {
  for (const args of ['IP=10.87.1.9;', ';IP=10.87.1.9;;'])
    t.equal(parse({ ...ADD, CNI_ARGS: args }).args.get('IP'), '10.87.1.9')
})

t.test('CNI_NETNS_OVERRIDE allows our own namespace', async (t) => {
  for (const value of ['1', 'TRUE', 'true']) {
    t.equal(parse({ ...ADD, CNI_NETNS_OVERRIDE: value }).allowOwnNetns, true)
  }
  for (const value of ['', '0', 'yes']) {
    t.equal(parse({ ...ADD, CNI_NETNS_OVERRIDE: value }).allowOwnNetns, false)
  }
})

t.test('ordinary link names are accepted', async (t) => {
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
