import { join } from 'node:path'
import type { Context } from '../context.ts'
import { folders } from '../data-dir.ts'
import { writePrivately } from '../private-file.ts'
import { keyAlias } from './options.ts'
import { readText } from './read-text.ts'

/** A folder of SSH's files. */
export const sshFolder = ({ dataDir }: Pick<Context, 'dataDir'>) => join(folders.cli(dataDir), 'ssh')

/** Writes the host keys that a server tells, and no others, into a file of its own. Answers where that is. */
export function writeKnownHosts(
  context: Pick<Context, 'dataDir'>,
  server: string,
  hostKeys: readonly string[],
): string {
  const path = join(sshFolder(context), `known_hosts.${new URL(server).host.replaceAll(/[^\w.-]/g, '_')}`)
  const text = hostKeys.map(key => `${keyAlias} ${key}\n`).join('')
  if (readText(path) !== text) writePrivately(path, text)
  return path
}
