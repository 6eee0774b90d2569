/** Writes one line of the Conductor's own log. Nothing secret is ever handed to it: no body, no query, no header. */
export type Logger = (
  entry: { level: 'info' | 'error'; message: string; error?: unknown } & Record<string, unknown>,
) => void

/** A line of JSON for each entry, to stderr: the place of whoever started the process to keep. */
export function stderrLogger(now: () => number): Logger {
  return ({ error, ...entry }) => {
    const thrown = error instanceof Error ? { error: error.stack ?? error.message } : {}
    process.stderr.write(`${JSON.stringify({ at: new Date(now()).toISOString(), ...entry, ...thrown })}\n`)
  }
}
