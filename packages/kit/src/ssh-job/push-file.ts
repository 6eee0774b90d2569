import { createReadStream, statSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { quoted } from '../shell-word/index.ts'
import type { SshConnection } from './connect.ts'
import { SshFailed } from './error.ts'
import { outputOf } from './output.ts'

/** Copies a file to a server, whole or not at all, for its user alone. @throws SshFailed `away`, `command`. */
export async function pushFile({ exec }: SshConnection, from: string, to: string): Promise<void> {
  const { size } = statSync(from)
  const [path, aside] = [quoted(to), quoted(`${to}.new`)]
  const take = `umask 077 && cat >${aside} && [ "$(wc -c <${aside})" -eq ${size} ] && mv -T ${aside} ${path}`
  const command = await exec(`[ "$(wc -c <${path} 2>/dev/null)" = ${size} ] && cat >/dev/null || { ${take}; }`)
  const ended = outputOf(command, () => {})
  // Why it was cut the end says.
  ended.catch(() => {})
  await pipeline(createReadStream(from), command.channel).catch(() => {})
  if ((await ended) !== 0) throw new SshFailed('command', `${to} cannot be written on the server: is its disk full?`)
}
