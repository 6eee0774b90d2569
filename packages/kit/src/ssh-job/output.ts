import type { ClientChannel } from 'ssh2'
import { SshFailed } from './error.ts'

/**
 * Reads a command's output to its end and answers its exit status.
 * @throws SshFailed `away` when the connection broke before the command ended.
 */
export async function outputOf(channel: ClientChannel, take: (chunk: Buffer) => void): Promise<number> {
  let status: number | null = null
  channel.on('exit', code => {
    status = typeof code === 'number' ? code : 128
  })
  channel.on('data', take)
  channel.stderr.resume()
  await new Promise<void>(resolve => {
    channel.once('close', resolve)
    channel.once('error', () => resolve())
  })
  if (status === null) throw new SshFailed('away', 'The SSH connection broke.')
  return status
}

/** The same, for short output; `input` goes in whole. */
export async function textOf(channel: ClientChannel, input = ''): Promise<{ status: number; text: string }> {
  const chunks: Buffer[] = []
  channel.end(input)
  const status = await outputOf(channel, chunk => chunks.push(chunk))
  return { status, text: Buffer.concat(chunks).toString('utf8') }
}

/** One word for a shell, whatever is in it. */
export const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`
