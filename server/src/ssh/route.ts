import {
  announceSsh,
  askBySsh,
  dropQuestion,
  endSsh,
  enterByAnswer,
  enterBySsh,
  reportSsh,
} from '@spoq/contracts/gateway'
import { showSshGateway } from '@spoq/contracts/ssh'
import type { routesOf } from '@spoq/kit/serve-route'
import type { Serve } from '../http/serve.ts'
import { end, report } from './end.ts'
import { enter } from './enter.ts'
import type { SshPorts } from './ports.ts'
import { ask } from './question/ask.ts'
import { enterByAnswer as byAnswer } from './question/enter.ts'
import { takeQuestion } from './question/store.ts'
import { type SshGatewayPorts, showGateway } from './show-gateway.ts'
import { keepGateway } from './store.ts'

/** Binds what gateways ask over the private socket. */
export function registerSsh(serve: ReturnType<typeof routesOf<void>>, ports: SshPorts): void {
  serve(announceSsh, ({ body }) => keepGateway(ports.db, body, new Date(ports.now())))
  serve(enterBySsh, ({ body }) => enter(ports, body))
  serve(askBySsh, ({ body }) => ask(ports, body))
  serve(enterByAnswer, async ({ params, body }) => ({ entry: await byAnswer(ports, { ...params, ...body }) }))
  serve(dropQuestion, async ({ params }) => {
    await takeQuestion(ports.db, params.question, new Date(ports.now()))
  })
  serve(endSsh, ({ params, body }) => end(ports, params.session, body))
  serve(reportSsh, async ({ body }) => ({ cut: await report(ports, body.sessions) }))
}

/** Binds what people ask. */
export function registerSshGateway(serve: Serve, ports: SshGatewayPorts): void {
  serve.account(showSshGateway, async () => ({ gateway: await showGateway(ports) }))
}
