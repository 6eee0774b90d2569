// What help says beside what the commands say of themselves.

export const helpOptions = { maxWidth: 100, hideAliasesFromRoot: true }

/** Nouns with several verbs. */
export const topics = {
  account: { description: 'Look at your account and keep it safe.' },
  admin: { description: 'For those who run the server.' },
  'admin:credit': { description: 'Credit of accounts: what was paid in another way, and what waits for a decision.' },
  'admin:ledger': { description: 'Whether all money is where it was posted.' },
  'admin:plan': { description: 'Plans of accounts, by contract or as a courtesy.' },
  'admin:pool': { description: 'Machines that are made before anybody asks for them.' },
  backup: { description: 'Make backups of your machines, put them back, take them away.' },
  credit: { description: 'Prepaid credit: look at it, add some.' },
  connection: { description: 'Servers of your own, and the keys by which Spoq comes in.' },
  device: { description: 'SSH keys that may sign in to your machines.' },
  profile: { description: 'Login names on your machines.' },
  machine: { description: 'Look at your machines, stop, start and end them.' },
  'machine:domain': { description: 'Domains of your own that lead to a machine.' },
  snapshot: { description: 'Keep the disk of a machine as it is, and go back to it.' },
  billing: { description: 'Pay what is open; cards and addresses.' },
  invoice: { description: 'What you were billed.' },
  'payment-method': { description: 'Your cards.' },
  subscription: { description: 'Look at your subscription, change it, end it.' },
  plan: { description: 'What the plans cost and allow.' },
  policy: { description: 'What has to be accepted before certain machines are made.' },
  provider: { description: 'Who makes machines here, and what they cost.' },
  rule: { description: 'What agents on your machine may do without asking, and what never.' },
  token: { description: 'Make, list and end tokens for scripts and CI.' },
  trust: { description: "Let repositories' CI jobs in without a secret." },
  run: { description: 'Run a command on your machine; see what runs there.' },
  session: { description: 'Look at what was asked before, search it, export and delete it.' },
  model: { description: 'Choose the models that answer: keys, prices, budgets.' },
  'model:budget': { description: 'What your models may use.' },
  'model:credit': { description: 'Models on Spoq credit, without a key of your own.' },
  'model:key': { description: "The vendors' keys." },
}
