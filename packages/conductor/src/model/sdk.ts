/** The AI SDK, loaded with the first call; its warnings, which it would print, are about nothing that a person could do. */
export async function aiSdk() {
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false })
  return import('ai')
}
