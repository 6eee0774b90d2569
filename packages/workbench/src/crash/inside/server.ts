// The server of a machine as SSH shows it, in memory: it outlives every incarnation, and runs a job once by its id.

export interface Server {
  /** Runs a script to its end, or finds that it did; answers what it said. */
  run(job: { id: string; script: string }): string[]
  /** Where its Conductor is reached. */
  endpoint(): string | null
}

export const domain = 'spoq.test'
export const hostKey = `ssh-ed25519 AAAA${'b'.repeat(64)}`

/** `at`: what it was set up for before. */
export function openServer(at: string | null): Server {
  const run = new Set<string>()
  let endpoint = at
  return {
    run({ id, script }) {
      const [, site] = /^SPOQ_SITE='([^',]+)/m.exec(script) ?? []
      if (!run.has(id)) endpoint = `https://${site}`
      run.add(id)
      return ['stage: setting up https', `host-key: ${hostKey}`, 'done']
    },
    endpoint: () => endpoint,
  }
}
