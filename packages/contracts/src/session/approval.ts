import * as z from 'zod/mini'

/**
 * How far an agent may go by itself. `plan`: it looks, and changes nothing. `ask`: edits and commands wait for a person.
 * `auto-edit`: edits do not, commands do. `full`: nothing does. Rules and the guard against destructive commands stand above
 * all of them, and where nothing isolates commands those ask in each.
 */
export const mode = z.enum(['plan', 'ask', 'auto-edit', 'full'])
export type Mode = z.infer<typeof mode>

export const decision = z.enum(['allow', 'deny'])
export type Decision = z.infer<typeof decision>

/**
 * For how long an answer holds: this call, this session, a folder of the workspace, the whole machine. All but `once` keep
 * the approval's `rule`.
 */
export const scope = z.enum(['once', 'session', 'project', 'always'])
export type Scope = z.infer<typeof scope>
