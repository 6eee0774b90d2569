import { openapi, showOpenApi } from '@spoq/contracts/openapi'
import type { Serve } from '../http/serve.ts'
import { conductorRoutes as routes } from './routes.ts'

/** Binds the document of what is served here; it is made when somebody asks for it. */
export function openApiRoute(serve: Serve): void {
  const description = 'Sessions, runs, models and rules of one machine. Through its local socket no token is needed.'
  let document: ReturnType<typeof openapi> | undefined
  serve(showOpenApi, () => {
    document ??= openapi({ title: 'Spoq Conductor', description, url: '/', routes })
    return document as { openapi: '3.1.0'; paths: Record<string, unknown> }
  })
}
