import t from 'tap'
import { parseHttpGatewaySettings } from '../../../src/config/http-gateway-settings.ts'
import { HTTP_GATEWAY_DEFAULTS } from '../../../src/http-gateway/options.ts'

const parse = (value: unknown) => parseHttpGatewaySettings(value, 'file: httpGateway')

t.test('every key has a default', async (t) => {
  for (const value of [undefined, null, {}]) t.same(parse(value), HTTP_GATEWAY_DEFAULTS)
  t.same(
    parse({
      port: 8080,
      addresses: ['192.168.1.11', 'FD00:0::1'],
      statusPort: 9000,
      domain: 'Office.Example',
      reach: 'label',
      lanAddress: '192.168.1.11',
      connectionsPerClient: 10,
    }),
    {
      port: 8080,
      addresses: ['192.168.1.11', 'fd00::1'],
      statusPort: 9000,
      domain: 'office.example',
      reach: 'label',
      lanAddress: '192.168.1.11',
      lanPort: 8080,
      connectionsPerClient: 10,
    },
  )
})

t.test('what is wrong is named', async (t) => {
  for (const [value, says] of [
    [7, /^file: httpGateway: needs an object/],
    [{ prot: 80 }, /httpGateway.prot/],
    [{ port: 0 }, /httpGateway.port: needs a whole number from 1 to 65535/],
    [{ port: '80' }, /httpGateway.port/],
    [{ port: 4281 }, /httpGateway.statusPort: needs another port/],
    [{ addresses: ['eth0'] }, /httpGateway.addresses\[0\]: needs an address/],
    [{ domain: 'a..b' }, /httpGateway.domain: needs a DNS name/],
    [{ domain: 'a--b.c' }, /httpGateway.domain/],
    [{ domain: "x';" }, /httpGateway.domain/],
    [{ reach: 'all' }, /httpGateway.reach: needs one of published, exposed, label/],
    [{ lanAddress: 'pc-a' }, /httpGateway.lanAddress/],
    [{ connectionsPerClient: -1 }, /httpGateway.connectionsPerClient/],
  ] as const)
    t.throws(() => parse(value), { message: /./, details: says })
})
