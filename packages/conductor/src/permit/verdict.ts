/** What the guard says of a command line. */
export type Verdict =
  | { say: 'fine' }
  /** It could not be read: a person decides, or a rule with these very words. */
  | { say: 'unclear'; why: string }
  /** A person decides each time; no rule does. */
  | { say: 'ask'; why: string }
  | { say: 'deny'; why: string }

const order = ['fine', 'unclear', 'ask', 'deny'] as const

/** The worse of two; the first when they are as bad. */
export const worse = (a: Verdict, b: Verdict): Verdict => (order.indexOf(b.say) > order.indexOf(a.say) ? b : a)
