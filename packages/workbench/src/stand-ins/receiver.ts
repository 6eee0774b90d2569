// Takes webhooks and keeps them as they came.

import { type Running, readText, serveHttp } from './http.ts'

export interface Received {
  signature: string
  body: string
}

export interface Receiver extends Running {
  received: Received[]
  /** The statuses of the next answers; 200 afterwards. */
  answers: number[]
  /** The types of what came, oldest first. */
  types(): string[]
}

/** `header` is where the signature stands. */
export async function receiveWebhooks(header: string): Promise<Receiver> {
  const received: Received[] = []
  const answers: number[] = []
  const running = await serveHttp(async (request, response) => {
    received.push({ signature: String(request.headers[header]), body: await readText(request) })
    response.writeHead(answers.shift() ?? 200).end()
  })
  return { ...running, received, answers, types: () => received.map(({ body }) => JSON.parse(body).type as string) }
}
