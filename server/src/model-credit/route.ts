import { setModelCredit, showModelCredit } from '@spoq/contracts/model-credit'
import type { Serve } from '../http/serve.ts'
import { set, show } from './set.ts'

export function registerModelCredit(serve: Serve, ports: Parameters<typeof set>[0]): void {
  serve.account(showModelCredit, (_, { account }) => show(ports, account))
  serve.account(setModelCredit, ({ body }, asker) => set(ports, asker, body))
}
