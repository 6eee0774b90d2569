// What a command on a machine finds in its environment: named one by one, so that nothing of the Conductor's own
// (addresses, keys, a debugger's options) ever goes along.

const kept = ['PATH', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TERM', 'TZ'] as const

/** The kept variables of `own`, the workspace as home, and over them what was given for this command. */
export function cleanEnvironment(
  own: NodeJS.ProcessEnv,
  workspace: string,
  given: Record<string, string> = {},
): Record<string, string> {
  const environment: Record<string, string> = { PATH: systemPath, HOME: workspace, TERM: 'dumb' }
  for (const name of kept) if (own[name]) environment[name] = own[name]
  return { ...environment, ...given }
}

/** Where a Linux system has its programs. */
export const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
