/** The part of tar-stream that is used here; it brings no types of its own. */
declare module 'tar-stream' {
  import type { Readable, Writable } from 'node:stream'

  export interface Header {
    name: string
    type: string
    size?: number
    mode?: number
    mtime?: Date
    linkname?: string | null | undefined
    pax?: Record<string, string> | null
  }
  export interface Pack extends Readable {
    entry(header: Header, done: (error?: Error | null) => void): Writable
    entry(header: Header, content: Buffer, done: (error?: Error | null) => void): void
    finalize(): void
  }
  export interface Extract extends Writable {
    on(event: 'entry', heard: (header: Header, stream: Readable, next: (error?: unknown) => void) => void): this
    on(event: string, heard: (...args: never[]) => void): this
  }
  export function pack(): Pack
  export function extract(): Extract
}
