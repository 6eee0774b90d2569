import { type Problem, toProblem } from '@spoq/contracts/problem'

/** A problem in OpenAI's form, with our own code in it. */
export const asOpenAi = ({ detail, title, next, status, code }: Problem) => ({
  error: { message: `${detail ?? title} ${next}`, type: typeOf(status), param: null, code },
})

/** What a stream that has begun says of an error. */
export const openAiError = (error: unknown) => asOpenAi(toProblem(error))

function typeOf(status: number): string {
  if (status === 401) return 'authentication_error'
  if (status === 403) return 'permission_error'
  if (status === 429) return 'rate_limit_error'
  return status < 500 ? 'invalid_request_error' : 'server_error'
}
