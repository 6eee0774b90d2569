import * as routes from '@spoq/contracts/credit'
import { keyOf } from '../http/key.ts'
import type { Serve } from '../http/serve.ts'
import { give } from './give.ts'
import type { CreditPorts } from './ports.ts'
import { listReviews, settleReview } from './review.ts'
import { listMovements, showCredit, showTopUp } from './show.ts'
import { topUp } from './top-up.ts'

export function registerCredit(serve: Serve, ports: CreditPorts): void {
  serve.account(routes.showCredit, (_, { account }) => showCredit(ports, account))
  serve.account(routes.creditHistory, ({ query }, { account }) => listMovements(ports, account, query.before))
  serve.account(routes.topUpCredit, ({ body, header }, asker) => topUp(ports, asker, body, keyOf(header)))
  serve.account(routes.showTopUp, ({ params }, { account }) => showTopUp(ports, account, params.topUp))
  serve.admin(routes.giveCredit, ({ body, header }, asker) => give(ports, asker, body, keyOf(header)))
  serve.admin(routes.listReviews, async () => ({ reviews: await listReviews(ports) }))
  serve.admin(routes.settleTopUp, ({ body }, asker) => settleReview(ports, asker, body))
}
