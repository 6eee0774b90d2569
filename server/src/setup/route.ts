import { reportSetup, showSetupLog } from '@spoq/contracts/setup'
import type { Serve } from '../http/serve.ts'
import { type ReportPorts, report } from './report.ts'
import { showLog } from './show-log.ts'

export function registerSetup(serve: Serve, ports: ReportPorts): void {
  serve.anyone(reportSetup, ({ header, body }) =>
    report(ports, /^bearer +(\S+)$/i.exec(header('authorization') ?? '')?.[1], body),
  )
  serve.account(showSetupLog, async ({ params }, { account }) => ({
    log: await showLog(ports.db, account, params.machine),
  }))
}
