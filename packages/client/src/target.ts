import type { ErrorCode } from '@spoq/contracts/problem'
import type { Dispatcher } from 'undici'

/** Whom to call, and as whom. */
export interface Target {
  /** `https://spoq.dev`, or any origin when a dispatcher leads to a local socket. */
  origin: string
  /** Default: undici's own pool. `overSocket` makes one for a unix socket. */
  dispatcher?: Dispatcher
  /** The bearer token; asked for at every call, so that it can refresh. */
  token?: () => Promise<string>
  /** Called once when a token was refused, before one more try; answers false when nothing better can be had. */
  renew?: () => Promise<boolean>
  /**
   * Called once when nothing listened, before one more try: looks where the other side is now and sets `origin`. Answers
   * false when it is where it was; throws when it knows better what is wrong.
   */
  relocate?: () => Promise<boolean>
  /** The error for "nothing listens there": it names the backend or the machine. */
  unreachable: Extract<ErrorCode, 'server_unknown' | 'machine_unreachable'>
  /** Sent along, so that one id goes through all logs. */
  requestId?: string
  /** A stream that says nothing for so long, not even that it lives, is cut and asked for again. Default: 50,000. */
  silenceMs?: number
  now: () => number
}
