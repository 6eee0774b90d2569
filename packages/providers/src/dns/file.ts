// Names in a file with the form of /etc/hosts, for tests and for a resolver that reads one (dnsmasq: addn-hosts).

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { dirname } from 'node:path'
import { takingTurns } from '../shared/take-turns.ts'
import type { Addresses, Zone } from './zone.ts'

/** One process at a time may write the file. Whoever reads it sees all of a change or nothing. */
export function fileZone(file: string): Zone {
  const inTurn = takingTurns()
  const change = (edit: (names: Map<string, Addresses>) => void) =>
    inTurn(file, async () => {
      const names = await read(file)
      edit(names)
      await write(file, names)
    })
  return {
    publish: (name, addresses) => change(names => void names.set(name, addresses)),
    withdraw: name => change(names => void names.delete(name)),
    list: () => read(file),
  }
}

async function read(file: string): Promise<Map<string, Addresses>> {
  const text = await readFile(file, 'utf8').catch(error => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  })
  const names = new Map<string, Addresses>()
  for (const line of text.split('\n')) {
    const [address = '', name] = line.trim().split(/\s+/)
    if (name === undefined || isIP(address) === 0) continue
    names.set(name, { ...names.get(name), ...(isIP(address) === 4 ? { v4: address } : { v6: address }) })
  }
  return names
}

async function write(file: string, names: Map<string, Addresses>): Promise<void> {
  const lines = [...names].flatMap(([name, { v4, v6 }]) => [v4, v6].flatMap(one => (one ? [`${one} ${name}\n`] : [])))
  await mkdir(dirname(file), { recursive: true })
  await writeFile(`${file}.new`, lines.join(''), { flush: true })
  await rename(`${file}.new`, file)
}
