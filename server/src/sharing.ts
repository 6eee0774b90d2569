/** The same look-up, made once for those who ask for one thing at the same time. */
export function sharing<T>(lookUp: (what: string) => Promise<T>): (what: string) => Promise<T> {
  const asked = new Map<string, Promise<T>>()
  return what => {
    const asking = asked.get(what) ?? lookUp(what).finally(() => asked.delete(what))
    asked.set(what, asking)
    return asking
  }
}
