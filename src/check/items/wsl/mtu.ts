// WSL-007: eth0 carries Nebula's packets unfragmented.

import { defaultRoute } from '../../reading/default-route.ts'
import { checkItem, type Finding } from '../../item.ts'

// IPv4 20, UDP 8, Nebula's header 16 and the cipher's tag 16 (nebula header/header.go, AES-GCM and
// ChaChaPoly).
const NEBULA_BYTES = 60

export const mtuItem = checkItem({
  id: 'WSL-007',
  title: "eth0 carries Nebula's packets unfragmented",
  fault: "MTU of eth0 is too small for Nebula's packets",
  why:
    'WSL gives eth0 the smallest MTU of all connected Windows interfaces. ' +
    'If it is below what Nebula sends, large packets are fragmented or lost: pings work, downloads hang.',
  causes: ['A VPN on Windows is connected.', 'Nebula also runs on Windows; its interface has MTU 1300.'],
  steps: [
    'PowerShell: Get-NetIPInterface -AddressFamily IPv4 | Sort-Object NlMtu   # which one is small',
    'ip link set dev eth0 mtu 1500   # until the next start',
    'or make tun.mtu in the Nebula configuration of all hosts 60 smaller than that MTU',
  ],
  needs: ['wsl', 'links', 'routes', 'network'],
  after: ['WSL-005'],
  inWslOnly: true,
  judge: ({ links, routes, network: { mtuBytes } }): Finding | readonly Finding[] => {
    const route = defaultRoute(routes)
    const link = links.find(({ name }) => name === route?.dev)
    if (link === undefined) return []
    const needed = mtuBytes + NEBULA_BYTES
    const seen = `${link.name} has MTU ${String(link.mtuBytes)}, Nebula's packets need ${String(needed)}`
    return { verdict: link.mtuBytes < needed ? 'fail' : 'ok', seen }
  },
})
