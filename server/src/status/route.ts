import { health } from '@spoq/contracts/status'
import type { Serve } from '../http/serve.ts'

export function registerStatus(serve: Serve): void {
  serve.anyone(health, () => ({ status: 'ok' as const }))
}
