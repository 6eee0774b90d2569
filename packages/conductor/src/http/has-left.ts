/** What carries an answer, over HTTP/1.1 or HTTP/2. */
export interface Outgoing {
  destroyed?: boolean
  stream?: { destroyed: boolean } | null
  once(event: 'close', closed: () => void): unknown
}

/** Whether nobody waits for an answer any more: then no close of it is told either. */
export const hasLeft = ({ destroyed, stream }: Outgoing): boolean => Boolean(destroyed || stream?.destroyed)
