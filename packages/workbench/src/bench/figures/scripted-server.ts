// The scripted model of the bench as a process of its own: argument 1 is how many tokens it answers with. Prints its URL, and
// a line for each question with the time it came: milliseconds since 1970.

import { startOpenAi } from '../../stand-ins/openai.ts'

const count = Number(process.argv[2])
const pieces = Array.from({ length: count }, (_, number) => `${number} `)

async function main(): Promise<void> {
  const { url } = await startOpenAi(() => {
    console.log(performance.timeOrigin + performance.now())
    return { pieces }
  })
  console.log(url)
}

void main()
