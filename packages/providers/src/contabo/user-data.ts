// What cloud-init is told. It is YAML, which JSON is too.

/** No limit is documented; this is what cloud-init's own data sources take at least. */
const mostBytes = 64 * 1024 - 1

const scriptPath = '/root/.spoq-set-up'

/** Runs a script at the first start, once. */
export function userDataOf(script: string): string {
  return cloudConfig({
    write_files: [
      { path: scriptPath, permissions: '0700', encoding: 'b64', content: Buffer.from(script).toString('base64') },
    ],
    runcmd: [[scriptPath], ['rm', '-f', scriptPath]],
  })
}

/** Most bytes of a script that goes along: three become four. */
export const mostScriptBytes = Math.floor((mostBytes - userDataOf('').length) / 4) * 3

/** For what has nothing to do any more. */
export const powersItselfOff = cloudConfig({ power_state: { mode: 'poweroff' } })

function cloudConfig(config: object): string {
  return `#cloud-config\n${JSON.stringify(config)}\n`
}
