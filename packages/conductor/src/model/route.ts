import * as route from '@spoq/contracts/model'
import type { Serve } from '../http/serve.ts'
import type { ModelOwner } from './owner.ts'

/** Binds the model's routes. */
export function modelRoutes(serve: Serve, owner: ModelOwner): void {
  serve(route.showModel, () => owner.show())
  serve(route.chooseModel, ({ body }) => owner.use(body))
  serve(route.listModels, () => owner.list())
  serve(route.setModelKey, ({ params, body }) => owner.setKey(params.vendor, body))
  serve(route.removeModelKey, async ({ params }) => owner.removeKey(params.vendor))
  serve(route.setModelPrice, ({ body }) => owner.setPrice(body.name, body.price))
  serve(route.setModelContext, ({ body }) => owner.setContext(body.name, body.tokens))
  serve(route.removeModel, ({ body }) => owner.remove(body.name))
  serve(route.testModel, ({ body }) => owner.test(body.name ?? null))
  serve(route.showBudget, async () => owner.showBudget())
  serve(route.setBudget, async ({ body }) => owner.setBudget(body))
}
