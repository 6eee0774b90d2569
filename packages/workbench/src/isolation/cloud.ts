// What is outside of the computer: a metadata service at each of its addresses, and a model that does what the question
// says: `node cloud.ts ADDRESS` prints the model's address. A question ends with a JSON list of command lines.

import { createServer } from 'node:http'
import { metadataAddresses } from '@spoq/kit/sandbox'
import { type Asked, startOpenAi } from '../stand-ins/openai.ts'

for (const host of metadataAddresses) createServer((_, response) => response.end('planted metadata')).listen(80, host)

const model = await startOpenAi(replyTo, ['stand-in'], { host: process.argv[2] })
console.log(model.url)

function replyTo({ body: { messages } }: Asked) {
  const last = messages.at(-1)
  if (last?.role !== 'user') return { pieces: ['Done.'] }
  const commands: string[] = JSON.parse(/COMMANDS (\[.*\])/s.exec(textOf(last.content))?.[1] ?? '[]')
  return { calls: commands.map(command => ({ name: 'run', input: { command, timeoutSeconds: 60 } })) }
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  return (content as { text?: string }[]).map(({ text = '' }) => text).join('')
}
