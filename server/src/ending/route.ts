// The routes of a machine's end: each calls its verb.

import { endMachine, keepMachine, previewEnd } from '@spoq/contracts/machine'
import type { Serve } from '../http/serve.ts'
import { end, preview } from './end.ts'
import { keep } from './keep.ts'
import type { EndingPorts } from './ports.ts'

export function registerEndings(serve: Serve, ports: EndingPorts): void {
  serve.account(previewEnd, ({ params }, { account }) => preview(ports, account, params.machine))
  serve.account(endMachine, ({ params }, asker) => end(ports, asker, params.machine))
  serve.account(keepMachine, ({ params }, asker) => keep(ports, asker, params.machine))
}
