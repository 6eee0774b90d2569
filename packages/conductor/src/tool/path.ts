/** One way to write a path below the workspace: no `.`, no doubled slash. One that leads out stays as it is. */
export const tidyPath = (path: string): string => (path.startsWith('/') ? path : partsOf(path).join('/'))

/** The folder at the top of the workspace that a file stands in; empty for the workspace itself. */
export function topFolder(path: string): string {
  const [top = '', ...rest] = partsOf(path)
  return rest.length > 0 ? top : ''
}

const partsOf = (path: string) => path.split('/').filter(part => part !== '' && part !== '.')
