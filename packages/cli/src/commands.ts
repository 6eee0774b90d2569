// Every command by its id. A table instead of a search through folders: starting one command then reads one file, and a
// bundler sees them all. After a change run `npm run build`, which writes oclif.manifest.json.

/** What a command's file exports; the class is oclif's `Command.Class`. */
export type CommandModule = { default: unknown }

export const commands: Record<string, () => Promise<CommandModule>> = {
  ask: () => import('./commands/ask.ts'),
  chat: () => import('./commands/chat.ts'),
  init: () => import('./commands/init.ts'),
  login: () => import('./commands/login/index.ts'),
  'login:list': () => import('./commands/login/list.ts'),
  'login:revoke': () => import('./commands/login/revoke.ts'),
  logout: () => import('./commands/logout.ts'),
  'machine:list': () => import('./commands/machine/list.ts'),
  'machine:show': () => import('./commands/machine/show.ts'),
  'machine:start': () => import('./commands/machine/start.ts'),
  'machine:stop': () => import('./commands/machine/stop.ts'),
  'machine:terminate': () => import('./commands/machine/terminate.ts'),
  'model:show': () => import('./commands/model/show.ts'),
  'model:use': () => import('./commands/model/use.ts'),
  provision: () => import('./commands/provision.ts'),
  run: () => import('./commands/run.ts'),
  status: () => import('./commands/status.ts'),
  'token:create': () => import('./commands/token/create.ts'),
  'token:list': () => import('./commands/token/list.ts'),
  'token:revoke': () => import('./commands/token/revoke.ts'),
  'trust:add': () => import('./commands/trust/add.ts'),
  'trust:list': () => import('./commands/trust/list.ts'),
  'trust:remove': () => import('./commands/trust/remove.ts'),
  up: () => import('./commands/up.ts'),
  whoami: () => import('./commands/whoami.ts'),
}
