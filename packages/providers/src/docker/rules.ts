// The firewall of the Engine's computer, as far as machines are concerned: out to public addresses, and nothing else.

import { isIP } from 'node:net'
import { bridgePrefix } from './names.ts'

/** Not public (IANA's special-purpose registries): private, shared, link-local with metadata, multicast, test and the like. */
const special4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/3'],
]
/** Of 2000::/3, beside which nothing is public: tunnels that carry IPv4 of any kind, and documentation. */
const special6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

/** In the computer's own address space there is one table for each Spoq; what one of them refuses is refused. */
export const tableOf = (installation: string) => `spoq_machines_${installation}`

/**
 * The rules, for `nft -f`: replaced in one step, so that they can be given again at any time. Machines are known by the
 * names of their bridges. Nobody reaches a machine; it reaches public addresses and `reach` (`ADDRESS:PORT`).
 */
export function rulesOf(installation: string, reach: readonly string[]): string {
  const table = `table inet ${tableOf(installation)}`
  const machines = `"${bridgePrefix}*"`
  const allowed = reach.map(allowance)
  return `${table}
delete ${table}
${table} {
  set special4 { type ipv4_addr; flags interval; elements = { ${special4.join(', ')} }; }
  set special6 { type ipv6_addr; flags interval; elements = { ${special6.join(', ')} }; }
  chain to_host {
    ct state established,related return
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } return
${allowed.map(line => `    ${line} return\n`).join('')}    reject with icmpx type admin-prohibited
  }
  chain away {
    oifname ${machines} reject with icmpx type admin-prohibited
    ct state established,related return
${allowed.map(line => `    ${line} return\n`).join('')}    ip daddr @special4 reject with icmpx type admin-prohibited
    ip6 daddr @special6 reject with icmpx type admin-prohibited
    ip6 daddr != 2000::/3 reject with icmpx type admin-prohibited
  }
  chain input {
    type filter hook input priority filter - 10; policy accept;
    iifname ${machines} jump to_host
  }
  chain forward {
    type filter hook forward priority filter - 10; policy accept;
    iifname ${machines} jump away
    oifname ${machines} ct state established,related return
    oifname ${machines} drop
  }
}
`
}

/** @throws Error for what is no address with a port. */
function allowance(target: string): string {
  const [, host = '', port] = /^\[?([^\]]+?)\]?:(\d+)$/.exec(target) ?? []
  const version = isIP(host)
  if (version === 0) throw new Error(`machines cannot be let to ${target}: an address and a port are needed`)
  return `${version === 4 ? 'ip' : 'ip6'} daddr ${host} tcp dport ${port}`
}
