// The ledger's laws as a model of a few lines, and commands that sit at its edges: exactly what is there, exactly when a hold is
// over, the same key twice, a reversal of a reversal.

import fc from 'fast-check'
import { balance } from './balance.ts'
import { charge } from './charge.ts'
import { expire } from './expire.ts'
import { history } from './history.ts'
import { hold } from './hold.ts'
import { post } from './post.ts'
import { release } from './release.ts'
import { reverse } from './reverse.ts'
import type { Line } from './shape.ts'
import type { TestLedger } from './test-ledger.ts'

/** An amount, or all that is there and so much more. */
type Size = { literal: number } | { beyond: number }

export type Command =
  | { do: 'move'; from: number; to: number; size: Size; kind: string; captures: number | null; fee: boolean }
  | { do: 'hold'; of: number; size: Size; forMs: number }
  | { do: 'charge'; of: number; size: Size }
  | { do: 'release' | 'replay' | 'alter'; which: number }
  | { do: 'reverse'; which: number; kind: string }
  | { do: 'pass'; expiry: number | null; ms: number }
  | { do: 'expire' }

const edge = fc.constantFrom(-1, 0, 1)
const size: fc.Arbitrary<Size> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ beyond: edge }) },
  { weight: 1, arbitrary: fc.record({ literal: fc.integer({ min: 1, max: 6 }) }) },
)
/** The last one that there is, mostly. */
const which = fc.constantFrom(0, 0, 0, 1, 2)
const customerOf = fc.nat(1)

const moves = fc.record({
  do: fc.constant('move' as const),
  from: fc.constantFrom(0, 0, 1, 2),
  to: fc.constantFrom(3, 3, 0, 1),
  size,
  kind: fc.constantFrom('usage', 'usage', 'usage', 'dispute', 'refund'),
  captures: fc.option(which, { nil: null, freq: 3 }),
  fee: fc.boolean(),
})
const gives = fc.record({
  do: fc.constant('move' as const),
  from: fc.constant(2),
  to: customerOf,
  size,
  kind: fc.constant('top_up'),
  captures: fc.constant(null),
  fee: fc.constant(false),
})

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: moves },
  { weight: 3, arbitrary: gives },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('hold' as const), of: customerOf, size, forMs: fc.constantFrom(1, 10, 10) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('charge' as const), of: customerOf, size }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('release', 'release', 'replay', 'alter'), which }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('reverse' as const), which, kind: fc.constantFrom('reversal', 'refund') }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      expiry: fc.option(edge, { nil: null, freq: 4 }),
      ms: fc.constant(1),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('expire' as const) }) },
)

/** What is done to a hold at the edges of its time and of what there is. */
const aroundHold: fc.Arbitrary<Command[]> = fc
  .tuple(
    customerOf,
    fc.constantFrom(-1, 0),
    fc.option(edge, { nil: null, freq: 2 }),
    fc.constantFrom('dispute', null),
    edge,
    fc.constantFrom(0, 1, 1, 2, 3, 3, 4, 5),
  )
  .map(([of, beyond, expiry, dispute, last, deed]) => {
    const size = { beyond: last }
    const move = { do: 'move' as const, from: of, to: 3, size, kind: 'usage', captures: null, fee: false }
    const deeds: Command[] = [
      move,
      { ...move, captures: 0 },
      { do: 'hold', of, size, forMs: 1 },
      { do: 'release', which: 0 },
      { do: 'charge', of, size },
      { do: 'expire' },
    ]
    return [
      { do: 'move', from: 2, to: of, size: { literal: 5 }, kind: 'top_up', captures: null, fee: false },
      { do: 'hold', of, size: { beyond }, forMs: 10 },
      ...(dispute ? [{ ...move, size: { literal: 2 }, kind: dispute }] : []),
      ...(expiry === null ? [] : [{ do: 'pass' as const, expiry, ms: 1 }]),
      deeds[deed] as Command,
    ]
  })

/** The same twice, and what was taken back taken back. */
const aroundReverse: fc.Arbitrary<Command[]> = fc
  .tuple(customerOf, fc.constantFrom('reversal', 'refund'), fc.array(fc.nat(1), { minLength: 1, maxLength: 3 }))
  .map(([of, kind, backs]) => [
    { do: 'move', from: 2, to: of, size: { literal: 5 }, kind: 'top_up', captures: null, fee: false },
    { do: 'reverse', which: 0, kind },
    ...backs.map(which => ({ do: 'reverse' as const, which, kind })),
    { do: 'pass', expiry: null, ms: 1 },
    { do: 'replay', which: 0 },
    { do: 'alter', which: 0 },
  ])

export const commands: fc.Arbitrary<Command[]> = fc
  .array(fc.oneof(fc.array(command, { minLength: 1, maxLength: 4 }), aroundHold, aroundHold, aroundReverse), {
    minLength: 2,
    maxLength: 6,
  })
  .map(parts => parts.flat())

interface Hold {
  id: string
  account: string
  amount: bigint
  until: number
  end: 'captured' | 'released' | 'expired' | null
}
interface Tx {
  id: string
  lines: Line[]
  reversed: boolean
}
/** What was answered, and how to ask for it again, with the same body or another one. */
interface Done {
  again: () => Promise<unknown>
  other: () => Promise<unknown>
  answer: unknown
}

let worlds = 0

/**
 * Carries commands out, one after the other, on accounts that nobody else has.
 * @throws when anything is answered, or is there at the end, that the laws do not say
 */
export async function obey(ledger: TestLedger, commands: readonly Command[]): Promise<void> {
  const world = `w${++worlds}x${Math.round(performance.now())}`
  const codes = [`customer:${world}a`, `customer:${world}b`, 'card', 'usage'] as const
  const balances = new Map<string, bigint>(codes.map(code => [code, 0n]))
  const movements = new Map<string, bigint[]>(codes.map(code => [code, []]))
  const [holds, txs, done]: [Hold[], Tx[], Done[]] = [[], [], []]
  const isCustomer = (code: string) => code.startsWith('customer:')
  const heldOf = (code: string) =>
    holds.filter(({ account, end }) => account === code && end === null).reduce((sum, one) => sum + one.amount, 0n)
  const available = (code: string) => (balances.get(code) ?? 0n) - heldOf(code)
  const amountOf = (wanted: Size, code: string, captured?: Hold) => {
    const freed = captured?.account === code && captured.end === null ? captured.amount : 0n
    const amount = 'literal' in wanted ? BigInt(wanted.literal) : available(code) + freed + BigInt(wanted.beyond)
    return amount > 0n ? amount : 1n
  }
  const last = <T>(all: readonly T[], back: number) => all.at(-1 - back)
  const settle = () => {
    for (const one of holds) if (one.end === null && one.until <= ledger.now()) one.end = 'expired'
  }

  /** What the laws say to a posting; it is carried out here too. */
  function judge(lines: readonly Line[], kind: string, captured: Hold | undefined): string {
    if (captured && captured.end !== null) return 'hold_ended'
    if (captured && !lines.some(({ account }) => account === captured.account)) return 'invalid_request'
    const freed = (code: string) => (captured?.account === code ? captured.amount : 0n)
    const isShort = lines.some(
      ({ account, amount }) =>
        isCustomer(account) && amount + freed(account) < 0n && available(account) + amount + freed(account) < 0n,
    )
    if (isShort && kind !== 'dispute' && kind !== 'refund') return 'credit_short'
    for (const { account, amount } of lines) {
      balances.set(account, (balances.get(account) ?? 0n) + amount)
      movements.get(account)?.unshift(amount)
    }
    if (captured) captured.end = 'captured'
    return 'done'
  }
  const after = (lines: readonly Line[]) =>
    Object.fromEntries(
      lines.filter(({ account }) => isCustomer(account)).map(({ account }) => [account, balances.get(account)]),
    )

  /** Asks, and holds the answer against what is expected. */
  async function expectAnswer<T extends object>(said: string, ask: () => Promise<T>): Promise<T | undefined> {
    const got = await ask().then(
      answer => ({ said: 'done', answer }),
      error => ({ said: String(error.code ?? error), answer: undefined }),
    )
    if (got.said !== said) throw new Error(`${said} was expected, and ${got.said} was answered`)
    return got.answer
  }
  const same = (a: unknown, b: unknown, what: string) => {
    const text = (value: unknown) =>
      JSON.stringify(value, (_, one) =>
        typeof one === 'bigint'
          ? `${one}n`
          : one?.constructor === Object
            ? Object.fromEntries(Object.entries(one).sort())
            : one,
      )
    if (text(a) !== text(b)) throw new Error(`${what}: ${text(a)} is not ${text(b)}`)
  }

  const deeds: { [Name in Command['do']]: (one: Extract<Command, { do: Name }>, key: string) => Promise<void> } = {
    async move({ from, to, size: wanted, kind, captures, fee }, key) {
      const [source, target] = [codes[from] as string, codes[to] as string]
      if (source === target) return
      const captured = captures === null ? undefined : last(holds, captures)
      const amount = amountOf(wanted, isCustomer(source) ? source : target, captured)
      const takesFee = fee && amount > 1n && target !== 'usage'
      const lines = [
        { account: source, amount: -amount },
        { account: target, amount: takesFee ? amount - 1n : amount },
        ...(takesFee ? [{ account: 'usage', amount: 1n }] : []),
      ]
      const said = judge(lines, kind, captured)
      const request = { key, kind, lines, ...(captured ? { captures: captured.id } : {}) }
      const answer = await expectAnswer(said, () => post(ledger, request))
      if (!answer) return
      same(answer.after, after(lines), 'the balances after a post')
      txs.push({ id: answer.tx, lines, reversed: false })
      done.push({
        again: () => post(ledger, request),
        other: () => post(ledger, { ...request, note: 'other' }),
        answer,
      })
    },
    async hold({ of, size: wanted, forMs }, key) {
      const account = codes[of] as string
      const amount = amountOf(wanted, account)
      const request = { key, account, amount, forMs }
      const said = available(account) < amount ? 'credit_short' : 'done'
      const answer = await expectAnswer(said, () => hold(ledger, request))
      if (!answer) return
      holds.push({ id: answer.hold, account, amount, until: ledger.now() + forMs, end: null })
      done.push({
        again: () => hold(ledger, request),
        other: () => hold(ledger, { ...request, amount: amount + 1n }),
        answer,
      })
    },
    async charge({ of, size: wanted }, key) {
      const account = codes[of] as string
      const amount = amountOf(wanted, account)
      const isShort = available(account) < amount
      await ledger.db
        .insertInto('ledger.due')
        .values({ run: key, account, amount: String(amount) })
        .execute()
      const counts = await charge(ledger, { run: key, onto: 'revenue', kind: 'subscription' })
      same(counts, isShort ? { charged: 0, short: 1 } : { charged: 1, short: 0 }, 'what was charged')
      if (isShort) return
      balances.set(account, (balances.get(account) ?? 0n) - amount)
      movements.get(account)?.unshift(-amount)
    },
    async release({ which: back }) {
      const one = last(holds, back)
      if (!one) return
      one.end ??= 'released'
      const how = one.end
      await expectAnswer(how === 'captured' ? 'hold_ended' : 'done', async () => ({
        how: await release(ledger, one.id),
      })).then(answer => answer && same(answer.how, how, 'how a hold has ended'))
    },
    async reverse({ which: back, kind }, key) {
      const one = last(txs, back)
      if (!one) return
      const lines = one.lines.map(({ account, amount }) => ({ account, amount: -amount }))
      const said = one.reversed ? 'already_reversed' : judge(lines, kind, undefined)
      const request = { key, tx: one.id, kind }
      const answer = await expectAnswer(said, () => reverse(ledger, request))
      if (!answer) return
      same(answer.after, after(lines), 'the balances after a reversal')
      one.reversed = true
      txs.push({ id: answer.tx, lines, reversed: false })
      done.push({
        again: () => reverse(ledger, request),
        other: () => reverse(ledger, { ...request, note: 'x' }),
        answer,
      })
    },
    async replay({ which: back }) {
      const one = last(done, back)
      if (one) same(await one.again(), one.answer, 'the same again')
    },
    async alter({ which: back }) {
      const one = last(done, back)
      if (one) await expectAnswer('idempotency_mismatch', async () => (await one.other()) as object)
    },
    async pass({ expiry, ms }) {
      const next = holds.filter(({ end }) => end === null).at(-1)
      const by = next && expiry !== null ? next.until - ledger.now() + expiry : ms
      if (by > 0) ledger.pass(by)
      settle()
    },
    async expire() {
      await expire(ledger)
    },
  }

  for (const [at, one] of commands.entries()) {
    await deeds[one.do](one as never, `${world}-${at}`)
    for (const code of codes.slice(0, 2)) {
      const held = heldOf(code)
      const there = balances.get(code) ?? 0n
      same(await balance(ledger, code), { balance: there, held, available: there - held }, code)
    }
  }
  for (const code of codes.slice(0, 2)) {
    const { movements: shown } = await history(ledger, { account: code, limit: 200 })
    same(
      shown.map(({ amount }) => amount),
      movements.get(code),
      `the history of ${code}`,
    )
  }
  const findings = await ledger.findings()
  if (findings.length > 0) throw new Error(findings.join('\n'))
}

/** Several do all of this at once, through two backends: what is stored has to be right, whoever came first. */
export async function together(one: TestLedger, two: TestLedger, rounds: readonly number[]): Promise<void> {
  const world = `t${++worlds}x${Math.round(performance.now())}`
  const [ann, ben] = [`customer:${world}a`, `customer:${world}b`]
  const gift = (await post(one, { key: `${world}-gift`, kind: 'top_up', lines: lines('card', ann, 20n) })).tx
  const { hold: held } = await hold(one, { key: `${world}-held`, account: ann, amount: 5n, forMs: 1_000 })
  const tally = { spent: 0n, captured: 0, reversed: 0, keys: new Set<string>() }
  const deeds = [
    async (ledger: TestLedger, at: number) => {
      await post(ledger, { key: `${world}-s${at}`, kind: 'usage', lines: lines(ann, 'usage', 3n) })
      tally.spent += 3n
    },
    async (ledger: TestLedger) => {
      tally.keys.add((await post(ledger, { key: `${world}-same`, kind: 'gift', lines: lines(ann, ben, 1n) })).tx)
    },
    async (ledger: TestLedger) => {
      tally.keys.add(
        (await post(ledger, { key: `${world}-same2`, kind: 'move', lines: lines('card', 'usage', 1n) })).tx,
      )
    },
    async (ledger: TestLedger, at: number) => {
      await post(ledger, { key: `${world}-c${at}`, kind: 'usage', lines: lines(ann, 'usage', 5n), captures: held })
      tally.captured++
    },
    async (ledger: TestLedger, at: number) => {
      await post(ledger, { key: `${world}-b${at}`, kind: 'gift', lines: lines(ben, ann, 1n) })
      tally.spent -= 1n
    },
    async (ledger: TestLedger, at: number) => {
      await reverse(ledger, { key: `${world}-r${at}`, tx: gift, kind: 'refund' })
      tally.reversed++
    },
    async (ledger: TestLedger) => {
      if ((await release(ledger, held)) === 'released') tally.keys.add('released')
    },
  ]
  await Promise.all(
    rounds.map((deed, at) =>
      deeds[deed % deeds.length]?.(at % 2 ? one : two, at).catch(error => {
        if (!['credit_short', 'hold_ended', 'already_reversed'].includes(error.code)) throw error
      }),
    ),
  )
  const findings = await one.findings()
  if (findings.length > 0) throw new Error(findings.join('\n'))
  const given = await history(one, { account: ann, limit: 200 })
  const same = given.movements.filter(({ kind, amount }) => kind === 'gift' && amount === -1n).length
  const is = (await balance(one, ann)).balance
  const expected = 20n - tally.spent - 5n * BigInt(tally.captured) - 20n * BigInt(tally.reversed) - BigInt(same)
  if (tally.captured > 1 || tally.reversed > 1 || same > 1 || is !== expected)
    throw new Error(
      `captured ${tally.captured}, reversed ${tally.reversed}, the same ${same}, ${is} is not ${expected}`,
    )
  if (tally.reversed === 0 && is < 0n) throw new Error(`${is} without a dispute`)
}

const lines = (from: string, to: string, amount: bigint) => [
  { account: from, amount: -amount },
  { account: to, amount },
]
