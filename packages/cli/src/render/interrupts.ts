/** Tells a listener of every Ctrl-C until the answered function is called; while one listens, Ctrl-C does nothing else. */
export type Interrupts = (listener: () => void) => () => void

/** The Ctrl-C of this process. */
export const processInterrupts: Interrupts = listener => {
  process.on('SIGINT', listener)
  return () => process.off('SIGINT', listener)
}
