import type { SyncView } from './view.ts'

/** For tests: says nothing. */
export const silent: SyncView = {
  step: () => {},
  read: () => {},
  plan: () => {},
  bytes: () => {},
  result: () => {},
  stepped: () => {},
  watching: () => {},
  away: () => {},
  stop: () => {},
}
