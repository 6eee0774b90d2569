import type { Sessions } from './sessions.ts'

interface Answer {
  session: string
  request: string
  output: string
  failed: boolean
}

/** Gives a turn what the laptop found for it. @throws SpoqError `session_not_found`, `request_not_found`. */
export function answerRequest({ store, requests }: Sessions, { session, request, output, failed }: Answer): void {
  store.get(session)
  requests.answer(request, { output, failed })
}
