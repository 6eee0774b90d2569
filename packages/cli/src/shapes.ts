// Imported before any shape is made. Without this zod tries at the first one whether code can be made at run time, and
// that alone wakes parts of Node (`navigator`) worth a fifth of a bare start; a command validates too little to earn it.
// This is what zod's `config({ jitless: true })` does, without loading zod for commands that never need it.

declare global {
  var __zod_globalConfig: { jitless?: boolean } | undefined
}

globalThis.__zod_globalConfig = { ...globalThis.__zod_globalConfig, jitless: true }

export {}
