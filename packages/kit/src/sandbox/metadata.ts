// The addresses at which a cloud tells whoever asks about the computer, its keys included. Commands have no business there.
// What keeps them away is a firewall: packages/conductor/setup/metadata.nft names the same addresses.

/** One of each range; the Amazon and Google ones, the one that most others share, and Alibaba's. */
export const metadataAddresses = ['169.254.169.254', '100.100.100.200', 'fd00:ec2::254', 'fd20:ce::254'] as const

/**
 * A script for `node -e`, the addresses after it: prints `refused` when the system itself keeps this process from each of
 * them. An answer, an empty port and silence all say that the address can be there.
 */
export const metadataLook = `
const refusals = ['EACCES', 'EPERM', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL']
const isRefused = host => new Promise(resolve => {
  const socket = require('net').connect({ host, port: 80 })
  const say = answer => { socket.destroy(); resolve(answer) }
  socket.on('connect', () => say(false)).on('error', ({ code }) => say(refusals.includes(code)))
  socket.setTimeout(4000, () => say(false))
})
Promise.all(process.argv.slice(1).map(isRefused)).then(all => console.log(all.every(Boolean) ? 'refused' : 'open'))`
