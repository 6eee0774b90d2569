import { chooseModel, showModel } from '@spoq/contracts/model'
import type { Serve } from '../http/serve.ts'
import type { Models } from './choose.ts'

/** Binds the model's routes. */
export function modelRoutes(serve: Serve, models: Models): void {
  serve(showModel, () => models.show())
  serve(chooseModel, ({ body }) => models.use(body))
}
