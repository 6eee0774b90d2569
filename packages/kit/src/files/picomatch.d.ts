/** The part of picomatch that is used here; it brings no types of its own. */
declare module 'picomatch' {
  const picomatch: {
    makeRe(pattern: string, options: { dot: boolean; noextglob: boolean; nonegate: boolean }): RegExp
  }
  export default picomatch
}
