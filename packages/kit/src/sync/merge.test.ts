import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Entry, isSame, type Manifest } from './entry.ts'
import { type Action, merge, type Plan } from './merge.ts'
import { foldersOf } from './path.ts'

const names = { here: 'laptop', there: 'machine' }

function file(path: string, content: string, mtime = 1, exec = false): Entry {
  return {
    kind: 'file',
    path,
    size: content.length,
    mtime,
    exec,
    sha256: createHash('sha256').update(content).digest('hex'),
  }
}

const manifest = (...entries: Entry[]): Manifest => new Map(entries.map(one => [one.path, one]))

/** What a side holds once it has done its part; `from` is what it can be sent. */
function after(side: Manifest, actions: readonly Action[]): Map<string, Entry> {
  const now = new Map(side)
  for (const action of actions) {
    const path = action.kind === 'put' ? action.entry.path : action.path
    expect(isSame(now.get(path), action.was)).toBe(true)
    if (action.kind === 'remove') now.delete(path)
    else {
      if (action.copy !== undefined)
        expect(now.get(action.copy)).toMatchObject({ sha256: (action.entry as { sha256: string }).sha256 })
      for (const folder of foldersOf(path)) expect(now.has(folder)).toBe(false)
      now.set(path, action.entry)
    }
  }
  return now
}

const both = (plan: Plan, here: Manifest, there: Manifest) => ({
  here: after(here, plan.here),
  there: after(there, plan.there),
})

// Few names and contents, so that all meets: a file where a folder is, the same content twice, names that differ in case.
const paths = fc.constantFrom(
  'a',
  'b',
  'a/x',
  'a/y',
  'A/x',
  'b.txt',
  'B.TXT',
  'a.conflict-laptop',
  'caf\u00e9',
  'cafe\u0301',
)
const anEntry = fc.record({
  path: paths,
  content: fc.constantFrom('1', '2', '3', '4'),
  mtime: fc.integer({ min: 1, max: 3 }),
  exec: fc.boolean(),
  link: fc.boolean(),
})

const aSide = fc.array(anEntry, { maxLength: 6 }).map(list => {
  const side = new Map<string, Entry>()
  for (const { path, content, mtime, exec, link } of list) {
    if (foldersOf(path).some(folder => side.has(folder)) || [...side.keys()].some(one => one.startsWith(`${path}/`)))
      continue
    side.set(path, link && content === '4' ? { kind: 'link', path, target: content } : file(path, content, mtime, exec))
  }
  return side
})

/** Each path of a side is as it was, or as that side made it since. */
const threeWays = fc
  .tuple(
    aSide,
    aSide,
    aSide,
    fc.array(fc.constantFrom('here', 'there', 'both', 'none'), { minLength: 10, maxLength: 10 }),
  )
  .map(([base, hereNew, thereNew, changed]) => {
    const all = [...new Set([...base.keys(), ...hereNew.keys(), ...thereNew.keys()])]
    const side = (mine: 'here' | 'there', now: Manifest) =>
      fitting(
        all.flatMap((path, at) => {
          const who = changed[at % changed.length]
          const entry = who === mine || who === 'both' ? now.get(path) : base.get(path)
          return entry ? [entry] : []
        }),
      )
    return { base, here: side('here', hereNew), there: side('there', thereNew) }
  })

/** No file below a file. */
function fitting(entries: Entry[]): Manifest {
  const own = new Set(entries.map(({ path }) => path))
  return manifest(...entries.filter(({ path }) => !foldersOf(path).some(folder => own.has(folder))))
}

const contentOf = (one: Entry) => (one.kind === 'file' ? one.sha256 : one.target)
const holds = (side: Manifest, one: Entry) => [...side.values()].some(other => contentOf(other) === contentOf(one))

const runs = { numRuns: 3_000 }

describe('the merge', () => {
  test('no content is ever lost: what a side had is on both, or the other side knew it and took it away', () => {
    fc.assert(
      fc.property(threeWays, sides => {
        const plan = merge({ ...sides, names })
        const now = both(plan, sides.here, sides.there)
        const isEmpty = sides.here.size === 0 || sides.there.size === 0
        for (const [mine, other] of [
          ['here', 'there'],
          ['there', 'here'],
        ] as const)
          for (const [path, had] of sides[mine]) {
            if (plan.isFrozen(path)) {
              expect(now[mine].get(path)).toBe(had)
              continue
            }
            const wasKnown = !isEmpty && isSame(sides.base.get(path), had) && !isSame(sides[other].get(path), had)
            if (!wasKnown) expect([holds(now.here, had), holds(now.there, had)]).toEqual([true, true])
          }
      }),
      runs,
    )
  })

  test('both sides hold the same afterwards, but for what collides, and a second sync does nothing', () => {
    fc.assert(
      fc.property(threeWays, sides => {
        const plan = merge({ ...sides, names })
        const now = both(plan, sides.here, sides.there)
        const free = (side: Manifest) => [...side.values()].filter(({ path }) => !plan.isFrozen(path))
        for (const one of free(now.here)) expect(isSame(now.there.get(one.path), one)).toBe(true)
        expect(free(now.here).length).toBe(free(now.there).length)
        const base = new Map([...plan.wanted].filter(([path]) => !plan.isFrozen(path)))
        const again = merge({ base, ...now, names })
        expect([again.here, again.there, again.conflicts]).toEqual([[], [], []])
      }),
      runs,
    )
  })

  test('the result is the same whoever starts', () => {
    fc.assert(
      fc.property(threeWays, ({ base, here, there }) => {
        const one = merge({ base, here, there, names })
        const other = merge({ base, here: there, there: here, names: { here: names.there, there: names.here } })
        expect(one.here).toEqual(other.there)
        expect(one.there).toEqual(other.here)
      }),
      runs,
    )
  })

  test('no side is made to hold two names that a disk takes for one, or a file below a file', () => {
    fc.assert(
      fc.property(threeWays, sides => {
        const plan = merge({ ...sides, names })
        const now = both(plan, sides.here, sides.there)
        for (const side of ['here', 'there'] as const) {
          for (const path of now[side].keys())
            for (const folder of foldersOf(path)) expect(plan.isFrozen(path) || !now[side].has(folder)).toBe(true)
          const put = plan[side].flatMap(one => (one.kind === 'put' ? [one.entry.path] : []))
          const fold = (path: string) => path.normalize('NFC').toLowerCase()
          // Each folder on the way counts: A/x and a/y are in one folder there.
          const spelled = new Set([...now[side].keys()].flatMap(path => [...foldersOf(path), path]))
          for (const part of put.flatMap(path => [...foldersOf(path), path]))
            expect([...spelled].filter(one => fold(one) === fold(part))).toEqual([part])
        }
      }),
      runs,
    )
  })
})

describe('what is decided', () => {
  const [old, mine, theirs] = [file('f', 'old'), file('f', 'mine', 5), file('f', 'theirs', 9)]
  const merged = (base: Entry[], here: Entry[], there: Entry[]) => {
    const more = file('zzz', 'always there')
    const sides = { base: manifest(...base, more), here: manifest(...here, more), there: manifest(...there, more) }
    const plan = merge({ ...sides, names })
    return { plan, ...both(plan, sides.here, sides.there) }
  }

  test('one side changed: the other follows', () => {
    expect(merged([old], [mine], [old]).there.get('f')).toEqual(mine)
    expect(merged([old], [], [old]).there.has('f')).toBe(false)
  })

  test('both changed: the newer keeps the name, the older is kept beside it under the name of its device', () => {
    const { here, there, plan } = merged([old], [mine], [theirs])
    expect(here.get('f')).toEqual(theirs)
    expect(there.get('f.conflict-laptop')).toMatchObject({ sha256: (mine as { sha256: string }).sha256 })
    expect(plan.conflicts).toEqual([{ path: 'f', kept: 'f.conflict-laptop', side: 'here' }])
    expect([...here.keys()].sort()).toEqual([...there.keys()].sort())
  })

  test('two losers whose long names begin alike are both kept', () => {
    const [one, two] = ['1', '2'].map(end => `${'n'.repeat(254)}${end}`) as [string, string]
    const { here } = merged([], [file(one, 'a', 5), file(two, 'b', 5)], [file(one, 'c', 9), file(two, 'd', 9)])
    expect(here.size).toBe(5)
    expect(Math.max(...[...here.keys()].map(path => path.length))).toBe(255)
  })

  test('an edit beats a delete, on either side', () => {
    expect(merged([old], [], [theirs]).here.get('f')).toEqual(theirs)
    expect(merged([old], [mine], []).there.get('f')).toEqual(mine)
  })

  test('a file on one side and a folder on the other: both are kept', () => {
    const { here } = merged([], [mine], [file('f/x', 'inside')])
    expect([...here.keys()].sort()).toEqual(['f.conflict-laptop', 'f/x', 'zzz'])
  })

  test('names that differ in case or in Unicode form alone are left where they are, and listed', () => {
    const { here, plan } = merged([], [file('Read.me', '1')], [file('read.me', '2')])
    expect([...here.keys()]).toEqual(['Read.me', 'zzz'])
    expect(plan.collisions.map(({ path }) => path)).toEqual(['Read.me', 'read.me'])
  })

  test('a name that only changes its case goes over', () => {
    const { there } = merged([file('Read.me', '1')], [file('read.me', '1')], [file('Read.me', '1')])
    expect([...there.keys()]).toEqual(['zzz', 'read.me'])
  })

  test('a file that was moved is copied where it is, not sent', () => {
    const { plan } = merged([old], [{ ...old, path: 'g' }], [old])
    expect(plan.there).toMatchObject([
      { kind: 'put', copy: 'f' },
      { kind: 'remove', path: 'f' },
    ])
  })

  test('a side that holds nothing deletes nothing', () => {
    const base = manifest(old)
    const plan = merge({ base, here: new Map(), there: base, names })
    expect(plan.there).toEqual([])
    expect(plan.here).toMatchObject([{ kind: 'put' }])
  })
})
