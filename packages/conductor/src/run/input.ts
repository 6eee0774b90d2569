import { SpoqError } from '@spoq/contracts/problem'
import type { LiveRun } from './live.ts'

interface Piece {
  /** Bytes of input before this piece. */
  at: number
  data: Buffer
  end: boolean
}

/**
 * Gives a command a piece of its input; settles when there is room for the next. A piece, or a part of one, that was
 * taken before is not given again.
 * @throws SpoqError `invalid_request` when a piece before this one is missing, or input has ended or was never offered.
 */
export async function giveInput({ child, input }: LiveRun, { at, data, end }: Piece): Promise<void> {
  const { stdin } = child
  if (!stdin) throw invalid('The run was started without input.')
  if (at > input.taken) throw invalid(`Input up to byte ${input.taken} was taken, this piece begins at ${at}.`)
  const fresh = data.subarray(input.taken - at)
  if (input.ended && fresh.length > 0) throw invalid('The input was ended before.')
  input.taken += fresh.length
  const hasRoom = fresh.length === 0 || stdin.write(fresh)
  if (end && !input.ended) {
    input.ended = true
    stdin.end()
  }
  if (!hasRoom && stdin.writable) await room(stdin)
}

/** Settles when what was written has been taken, or nobody is left to take it. */
function room(stdin: NodeJS.WritableStream): Promise<void> {
  return new Promise(resolve => {
    for (const event of ['drain', 'close', 'error']) stdin.once(event, () => resolve())
  })
}

const invalid = (message: string) => new SpoqError('invalid_request', { message })
