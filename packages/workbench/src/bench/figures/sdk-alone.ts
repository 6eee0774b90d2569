// The peer of the bench: the AI SDK alone, in one process, writing the answer as it comes. Argument 1 is the model's URL.

import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { streamText } from 'ai'

const provider = createOpenAICompatible({ name: 'stand-in', baseURL: String(process.argv[2]) })

async function main(): Promise<void> {
  const { textStream } = streamText({
    model: provider('stand-in'),
    messages: [
      { role: 'user', content: 'count' },
      { role: 'user', content: 'to the end' },
    ],
  })
  for await (const text of textStream) process.stdout.write(text)
}

void main()
