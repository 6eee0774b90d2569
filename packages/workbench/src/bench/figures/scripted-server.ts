// The scripted model of the bench as a process of its own: argument 1 is how many tokens it answers with. Prints its URL.

import { startOpenAi } from '../../stand-ins/openai.ts'

const count = Number(process.argv[2])
const pieces = Array.from({ length: count }, (_, number) => `${number} `)

async function main(): Promise<void> {
  const { url } = await startOpenAi(asked => ({ pieces: asked.body.messages.length < 2 ? ['ok'] : pieces }))
  console.log(url)
}

void main()
