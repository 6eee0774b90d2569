import { listAccountModelKeys, removeAccountModelKey, setAccountModelKey } from '@spoq/contracts/model-key'
import type { Serve } from '../http/serve.ts'
import type { ModelKeyDeps } from './ports.ts'
import { remove } from './remove.ts'
import { set } from './set.ts'
import { listModelKeys, toModelKey } from './store.ts'

/** The routes of an account's keys for models. */
export function registerModelKeys(serve: Serve, deps: ModelKeyDeps): void {
  serve.account(listAccountModelKeys, async (_, { account }) => ({
    keys: (await listModelKeys(deps.db, [account])).map(toModelKey),
  }))
  serve.account(setAccountModelKey, ({ params, body }, caller) => set(deps, caller, { ...params, ...body }))
  serve.account(removeAccountModelKey, ({ params }, caller) => remove(deps, caller, params.vendor))
}
