// The peer of the bench: the AI SDK alone, in one process, writing the answer as it comes. Argument 1 is the model's URL.
// It asks a few times for nothing first: a Conductor that has been up for a while is warm, too.

import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { streamText } from 'ai'

const provider = createOpenAICompatible({ name: 'stand-in', baseURL: String(process.argv[2]) })
const warmUps = 3

async function main(): Promise<void> {
  for (let warmUp = 0; warmUp < warmUps; warmUp++) await answer(() => {})
  await answer(text => process.stdout.write(text))
}

async function answer(take: (text: string) => void): Promise<void> {
  const { textStream } = streamText({ model: provider('stand-in'), messages: [{ role: 'user', content: 'count' }] })
  for await (const text of textStream) take(text)
}

void main()
