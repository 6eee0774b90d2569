import { readLog } from '@spoq/contracts/status'
import type { Serve } from '../http/serve.ts'
import type { OwnLog } from './keep.ts'

export function ownLogRoute(serve: Serve, log: Pick<OwnLog, 'read'>): void {
  serve(readLog, ({ query }) => ({ lines: log.read(query) }))
}
