import type { Command } from './connect.ts'
import { SshFailed } from './error.ts'

/**
 * Reads a command's output to its end and answers its exit status.
 * @throws SshFailed `away` when the connection broke before the command ended.
 */
export async function outputOf({ channel, ended }: Command, take: (chunk: Buffer) => void): Promise<number> {
  channel.on('data', take)
  const status = await ended
  if (status === null) throw new SshFailed('away', 'The SSH connection broke.')
  return status
}

/** What is read of a short answer; a server that says more is not believed. */
const mostBytes = 1 << 20

/** The same, for short output; `input` goes in whole. */
export async function textOf(command: Command, input = ''): Promise<{ status: number; text: string }> {
  const chunks: Buffer[] = []
  let bytes = 0
  command.channel.end(input)
  const status = await outputOf(command, chunk => {
    bytes += chunk.length
    if (bytes <= mostBytes) chunks.push(chunk)
  })
  return { status, text: Buffer.concat(chunks).toString('utf8') }
}
