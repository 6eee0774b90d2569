import { reportSetup } from '@spoq/contracts/setup'
import type { Serve } from '../http/serve.ts'
import { type ReportPorts, report } from './report.ts'

export function registerSetup(serve: Serve, ports: ReportPorts): void {
  serve.anyone(reportSetup, ({ header, body }) =>
    report(ports, /^bearer +(\S+)$/i.exec(header('authorization') ?? '')?.[1], body),
  )
}
