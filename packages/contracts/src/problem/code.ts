/** What the CLI's exit status says. Documented in the README; a test keeps both the same. */
export const exitStatus = {
  ok: 0,
  failed: 1,
  usage: 2,
  signIn: 3,
  notFound: 4,
  conflict: 5,
  unreachable: 6,
  approval: 7,
  exhausted: 8,
  turnFailed: 9,
  interrupted: 130,
} as const

export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus]

interface Code {
  /** HTTP status when a server answers with it. */
  http: number
  exit: ExitStatus
  /** What happened, in one line, for when the thrower has nothing more exact. */
  title: string
  /** What the person can do. */
  next: string
}

/**
 * Every error that a person, a script or a program can meet, by its stable code. A code never changes its meaning;
 * a new one is a new line here. `title` and `next` are the defaults: whoever raises the error says it more exactly.
 */
export const codes = {
  internal: {
    http: 500,
    exit: exitStatus.failed,
    title: 'Something went wrong inside Spoq.',
    next: 'Run it again with DEBUG=1 and report what it prints.',
  },
  invalid_request: {
    http: 400,
    exit: exitStatus.usage,
    title: 'The request is not understood.',
    next: 'See --help of the command.',
  },
  usage: {
    http: 400,
    exit: exitStatus.usage,
    title: 'The command is not used rightly.',
    next: 'See --help of the command.',
  },
  unknown_command: {
    http: 400,
    exit: exitStatus.usage,
    title: 'There is no such command.',
    next: 'Run spoq --help for the list.',
  },
  needs_terminal: {
    http: 400,
    exit: exitStatus.usage,
    title: 'An answer is needed and there is no terminal to ask on.',
    next: 'Give it as the flag that is named.',
  },
  interrupted: { http: 499, exit: exitStatus.interrupted, title: 'Interrupted.', next: 'Run it again to go on.' },
  not_found: {
    http: 404,
    exit: exitStatus.notFound,
    title: 'There is nothing here.',
    next: 'Check the address or the name.',
  },
  too_large: { http: 413, exit: exitStatus.usage, title: 'The request is too large.', next: 'Send less at once.' },
  rate_limited: {
    http: 429,
    exit: exitStatus.exhausted,
    title: 'Too many requests.',
    next: 'Wait as long as Retry-After says, then try again.',
  },
  unavailable: {
    http: 503,
    exit: exitStatus.unreachable,
    title: 'The service is starting or stopping.',
    next: 'Try again in a few seconds.',
  },
  idempotency_mismatch: {
    http: 409,
    exit: exitStatus.conflict,
    title: 'That idempotency key was used for another request.',
    next: 'Use a new key for a new request.',
  },

  not_signed_in: { http: 401, exit: exitStatus.signIn, title: 'You are not signed in.', next: 'Run spoq login.' },
  login_revoked: { http: 401, exit: exitStatus.signIn, title: 'This login was ended.', next: 'Run spoq login.' },
  login_locked: {
    http: 401,
    exit: exitStatus.signIn,
    title: 'The keychain answered nothing: it is locked, or the login was removed from it.',
    next: 'Unlock the keychain, or run spoq login.',
  },
  token_expired: {
    http: 401,
    exit: exitStatus.signIn,
    title: 'The access token has expired.',
    next: 'Run the command again; it refreshes by itself.',
  },
  token_invalid: {
    http: 401,
    exit: exitStatus.signIn,
    title: 'The access token is not valid here.',
    next: 'Run spoq login.',
  },
  clock_off: {
    http: 401,
    exit: exitStatus.signIn,
    title: "This computer's clock is wrong.",
    next: 'Set the clock, then try again.',
  },
  wrong_password: {
    http: 401,
    exit: exitStatus.signIn,
    title: 'E-mail or password is wrong.',
    next: 'Check both and try again.',
  },
  code_expired: {
    http: 400,
    exit: exitStatus.signIn,
    title: 'The sign-in code has expired.',
    next: 'Run spoq login again.',
  },
  second_step_needed: {
    http: 401,
    exit: exitStatus.signIn,
    title: 'This account asks for a second step.',
    next: 'Sign in with the browser: spoq login.',
  },
  sign_in_refused: {
    http: 403,
    exit: exitStatus.signIn,
    title: 'The other service did not confirm this sign-in.',
    next: 'Start it again.',
  },
  last_way_in: {
    http: 409,
    exit: exitStatus.conflict,
    title: 'Nothing else leads into this account.',
    next: 'Set a password first: “Forgot your password?” on the sign-in page.',
  },
  code_wrong: { http: 400, exit: exitStatus.signIn, title: 'The code is wrong.', next: 'Check it and try again.' },
  email_unverified: {
    http: 403,
    exit: exitStatus.signIn,
    title: 'Your e-mail address is not verified yet.',
    next: 'Run spoq account verify; the code comes by mail.',
  },
  code_denied: {
    http: 403,
    exit: exitStatus.signIn,
    title: 'The sign-in was denied.',
    next: 'If that was not you, tell nobody the words; otherwise run spoq login again.',
  },
  forbidden: {
    http: 403,
    exit: exitStatus.signIn,
    title: 'That is not yours to use.',
    next: 'Check which account is signed in: spoq whoami.',
  },
  not_admin: {
    http: 403,
    exit: exitStatus.signIn,
    title: 'Only those who run this server may do that.',
    next: 'Sign in with an address of ADMIN_EMAILS, and verify it: spoq account verify.',
  },
  pool_limits_invalid: {
    http: 400,
    exit: exitStatus.usage,
    title: 'The pool cannot have more machines at least than at most.',
    next: 'Give both: --min 5 --max 20.',
  },
  scope_missing: {
    http: 403,
    exit: exitStatus.signIn,
    title: 'The token may not do that.',
    next: 'Use one that may: spoq token create --scope.',
  },
  token_not_found: {
    http: 404,
    exit: exitStatus.notFound,
    title: 'There is no such token.',
    next: 'See spoq token list.',
  },
  trust_missing: {
    http: 401,
    exit: exitStatus.signIn,
    title: 'No trust fits this job.',
    next: 'Add one with spoq trust add, by the id of the repository and the ref.',
  },
  which_trust: {
    http: 400,
    exit: exitStatus.usage,
    title: 'Several trusts fit this job.',
    next: 'Name yours with SPOQ_TRUST, as spoq trust list shows it.',
  },
  trust_not_found: {
    http: 404,
    exit: exitStatus.notFound,
    title: 'There is no such trust.',
    next: 'See spoq trust list.',
  },
  setup_closed: {
    http: 403,
    exit: exitStatus.signIn,
    title: 'There is an account already, so the first-account token no longer works.',
    next: 'Run spoq login.',
  },
  email_taken: {
    http: 409,
    exit: exitStatus.conflict,
    title: 'There is an account with that e-mail already.',
    next: 'Sign in instead.',
  },
  account_not_found: {
    http: 404,
    exit: exitStatus.notFound,
    title: 'There is no such account.',
    next: 'Check the e-mail address.',
  },
  login_not_found: {
    http: 404,
    exit: exitStatus.notFound,
    title: 'There is no such login.',
    next: 'See spoq login list.',
  },

  machine_not_found: {
    http: 404,
    exit: exitStatus.notFound,
    title: 'There is no such machine among yours.',
    next: 'See spoq machine list.',
  },
  no_machine: { http: 404, exit: exitStatus.notFound, title: 'You have no machine yet.', next: 'Run spoq provision.' },
  which_machine: {
    http: 400,
    exit: exitStatus.usage,
    title: 'You have several machines.',
    next: 'Name one with --machine.',
  },
  machine_not_running: {
    http: 409,
    exit: exitStatus.conflict,
    title: 'The machine is not running.',
    next: 'Run spoq machine start.',
  },
  machine_unreachable: {
    http: 502,
    exit: exitStatus.unreachable,
    title: 'The machine does not answer.',
    next: 'Look at spoq status; spoq machine start starts it again.',
  },
  machine_away: {
    http: 503,
    exit: exitStatus.unreachable,
    title: 'The machine is not connected just now.',
    next: 'Try again in a moment; spoq status says how it does.',
  },
  machine_state: {
    http: 409,
    exit: exitStatus.conflict,
    title: 'The machine is in a state that does not allow this.',
    next: 'Look at spoq machine show.',
  },
  machine_busy: {
    http: 409,
    exit: exitStatus.conflict,
    title: 'The machine is at work.',
    next: 'End its turns and runs, or wait for them, then try again: spoq run list shows what runs.',
  },
  archive_invalid: {
    http: 400,
    exit: exitStatus.failed,
    title: 'The archive is damaged or none of a machine; nothing was changed.',
    next: 'Take another backup: spoq backup list.',
  },
  backup_not_found: {
    http: 404,
    exit: exitStatus.notFound,
    title: 'There is no such backup.',
    next: 'List yours with spoq backup list.',
  },
  backup_state: {
    http: 409,
    exit: exitStatus.conflict,
    title: 'The backup is not in a state for that.',
    next: 'See spoq backup list.',
  },
  backup_damaged: {
    http: 502,
    exit: exitStatus.failed,
    title: 'The backup is not what was stored; nothing was changed.',
    next: 'Take another one: spoq backup list.',
  },
  backup_failed: {
    http: 502,
    exit: exitStatus.failed,
    title: 'The backup could not be made.',
    next: 'Try again later.',
  },
  machine_failed: {
    http: 409,
    exit: exitStatus.conflict,
    title: 'The machine could not be made.',
    next: 'See why with spoq machine show, then spoq machine start to try again or spoq machine terminate.',
  },
  renewal_failed: {
    http: 502,
    exit: exitStatus.failed,
    title: 'The server of the machine could not be set up for what it is to be now.',
    next: 'It runs as before and is tried again by itself; spoq machine logs --set-up says what happened there.',
  },
  name_taken: { http: 409, exit: exitStatus.conflict, title: 'That name is taken.', next: 'Choose another name.' },
  provider_unknown: {
    http: 400,
    exit: exitStatus.usage,
    title: 'There is no such provider here.',
    next: 'Leave --provider out, or name one that the server offers.',
  },
  region_unknown: {
    http: 400,
    exit: exitStatus.usage,
    title: 'The provider has no such region.',
    next: 'Run spoq provider list for those that there are.',
  },
  size_unknown: {
    http: 400,
    exit: exitStatus.usage,
    title: 'The provider has no such size there.',
    next: 'Run spoq provider list for those that there are.',
  },
  not_supported: {
    http: 409,
    exit: exitStatus.conflict,
    title: 'The provider of this machine cannot do that.',
    next: 'Run spoq provider list to see which can.',
  },
  snapshot_not_found: {
    http: 404,
    exit: exitStatus.notFound,
    title: 'There is no such snapshot.',
    next: 'Run spoq snapshot list.',
  },
  domain_not_found: {
    http: 404,
    exit: exitStatus.notFound,
    title: 'The machine has no such domain.',
    next: 'Run spoq machine domain list.',
  },
  domain_refused: {
    http: 400,
    exit: exitStatus.usage,
    title: 'That domain cannot be used.',
    next: 'Use a domain of your own in the public DNS.',
  },
  domain_limit: {
    http: 409,
    exit: exitStatus.exhausted,
    title: 'The machine has as many domains as it may have.',
    next: 'Remove one with spoq machine domain remove.',
  },
  domain_unproven: {
    http: 409,
    exit: exitStatus.conflict,
    title: 'The domain does not have its proof yet.',
    next: 'Add the TXT record that spoq machine domain list shows, then try again.',
  },
  domain_taken: {
    http: 409,
    exit: exitStatus.conflict,
    title: 'The domain leads to another machine, whose proof is still there.',
    next: 'Take the other proof away from its DNS first.',
  },
  snapshot_limit: {
    http: 409,
    exit: exitStatus.exhausted,
    title: 'The machine has as many snapshots as it may have.',
    next: 'Remove one with spoq snapshot remove.',
  },
  price_changed: {
    http: 409,
    exit: exitStatus.conflict,
    title: 'The price is another one by now.',
    next: 'Run it again to see the new one.',
  },
  address_refused: {
    http: 400,
    exit: exitStatus.usage,
    title: 'This server does not connect to that address.',
    next: 'Give the public address of the server.',
  },
  connection_not_found: {
    http: 404,
    exit: exitStatus.notFound,
    title: 'There is no such connection among yours.',
    next: 'See spoq connection list.',
  },
  connection_needed: {
    http: 400,
    exit: exitStatus.usage,
    title: 'For a server of your own a connection to it is needed, with its confirmed fingerprint.',
    next: 'Run spoq provision --provider byo --address ADDRESS.',
  },
  connection_unready: {
    http: 409,
    exit: exitStatus.approval,
    title: 'The server does not let this Spoq in yet.',
    next: 'Paste the line that spoq connection show shows there, then try again.',
  },
  connection_in_use: {
    http: 409,
    exit: exitStatus.conflict,
    title: 'The connection belongs to a machine.',
    next: 'End the machine first: spoq machine terminate.',
  },
  connection_limit: {
    http: 409,
    exit: exitStatus.exhausted,
    title: 'There are as many connections as an account may have.',
    next: 'Remove one with spoq connection remove.',
  },
  host_key_changed: {
    http: 409,
    exit: exitStatus.conflict,
    title:
      'The server has another SSH host key than the one that was confirmed: it is another server, or somebody stands in between.',
    next: 'Look at the server itself: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub.',
  },
  server_not_cleaned: {
    http: 409,
    exit: exitStatus.conflict,
    title: 'The machine is over, and its server was not cleaned.',
    next: 'Run on the server: sudo sh /etc/spoq/remove.sh.',
  },
  provider_failed: {
    http: 502,
    exit: exitStatus.unreachable,
    title: 'The provider refused or did not answer.',
    next: 'It is tried again by itself; see spoq machine show.',
  },

  access_outdated: {
    http: 409,
    exit: exitStatus.conflict,
    title: 'The machine was told something newer already.',
    next: 'Nothing is left to do; the backend tells it what is so now.',
  },

  session_not_found: {
    http: 404,
    exit: exitStatus.notFound,
    title: 'There is no such session on this machine.',
    next: 'Leave --session out to start a new one.',
  },
  session_busy: {
    http: 409,
    exit: exitStatus.conflict,
    title: 'A turn of the session has not ended.',
    next: 'Wait for it, or add --force: that stops it first.',
  },
  ambiguous_id: {
    http: 400,
    exit: exitStatus.usage,
    title: 'Several begin like this.',
    next: 'Give more of the id.',
  },
  run_not_found: {
    http: 404,
    exit: exitStatus.notFound,
    title: 'There is no such run on this machine.',
    next: 'Check the id.',
  },
  run_ended: {
    http: 409,
    exit: exitStatus.conflict,
    title: 'The run has ended.',
    next: 'Start it again with spoq run.',
  },
  command_not_found: {
    http: 400,
    exit: exitStatus.usage,
    title: 'The machine has no such command.',
    next: 'Check the spelling, or install it on the machine.',
  },
  approval_needed: {
    http: 409,
    exit: exitStatus.approval,
    title: 'The turn waits for an approval.',
    next: 'Answer it on a terminal with spoq ask --session ID, or decide beforehand with --approve.',
  },
  approval_answered: {
    http: 409,
    exit: exitStatus.conflict,
    title: 'That approval was answered already.',
    next: 'Nothing is left to do.',
  },
  approval_not_found: {
    http: 404,
    exit: exitStatus.notFound,
    title: 'There is no such approval in this session.',
    next: 'See the session again.',
  },
  approval_once_only: {
    http: 409,
    exit: exitStatus.conflict,
    title: 'That is asked every time: no rule can be kept for it.',
    next: 'Answer it with the scope once.',
  },
  rule_not_found: {
    http: 404,
    exit: exitStatus.notFound,
    title: 'There is no such rule on this machine.',
    next: 'See spoq rule list.',
  },
  nothing_to_undo: {
    http: 409,
    exit: exitStatus.conflict,
    title: 'The agent edited nothing there.',
    next: 'What commands did is not undone: look at the files themselves.',
  },
  turn_open: {
    http: 409,
    exit: exitStatus.conflict,
    title: 'That turn has not ended.',
    next: 'Stop it or let it end, then try again.',
  },
  request_not_found: {
    http: 404,
    exit: exitStatus.notFound,
    title: 'Nothing waits for that answer any more.',
    next: 'Nothing is left to do.',
  },
  turn_aborted: {
    http: 409,
    exit: exitStatus.interrupted,
    title: 'The turn was stopped.',
    next: 'Ask again when you like.',
  },
  turn_interrupted: {
    http: 500,
    exit: exitStatus.turnFailed,
    title: 'The machine was restarted in the middle of the turn.',
    next: 'Ask again with --continue; what was answered so far is kept.',
  },
  turn_limit: {
    http: 500,
    exit: exitStatus.turnFailed,
    title: 'The turn took more steps than are allowed.',
    next: 'Ask again with --continue, in smaller parts.',
  },
  no_model: {
    http: 409,
    exit: exitStatus.usage,
    title: 'No model can be reached.',
    next: 'Three ways: spoq model key set VENDOR and spoq model use VENDOR/MODEL, or start Ollama on this machine, or ask with --model demo.',
  },
  key_missing: {
    http: 409,
    exit: exitStatus.usage,
    title: 'There is no key for that model.',
    next: 'Set one: spoq model key set VENDOR.',
  },
  model_key_not_found: {
    http: 404,
    exit: exitStatus.notFound,
    title: 'The account has no key of that vendor.',
    next: 'See spoq model key list.',
  },
  no_images: {
    http: 422,
    exit: exitStatus.usage,
    title: 'The model takes no images.',
    next: 'Ask one that does: spoq ask --model NAME.',
  },
  budget_spent: {
    http: 409,
    exit: exitStatus.exhausted,
    title: 'The budget is spent.',
    next: 'Raise it: spoq model budget set.',
  },
  price_unknown: {
    http: 409,
    exit: exitStatus.usage,
    title: 'There is a budget in dollars, and the price of the model is not known.',
    next: 'Set its price: spoq model price NAME --input DOLLARS --output DOLLARS; or a budget in tokens.',
  },
  model_failed: {
    http: 502,
    exit: exitStatus.turnFailed,
    title: 'The model did not answer.',
    next: 'Ask again with --continue; what was answered so far is kept.',
  },
  model_refused: {
    http: 502,
    exit: exitStatus.turnFailed,
    title: 'The model refused the request.',
    next: 'Check its name, address and key: spoq model list, spoq model test.',
  },
  model_cut: {
    http: 502,
    exit: exitStatus.turnFailed,
    title: "The model's answer was cut off in the middle.",
    next: 'Ask again with --continue; what was answered so far is kept.',
  },
  context_too_long: {
    http: 413,
    exit: exitStatus.turnFailed,
    title: 'The conversation is longer than the model can take.',
    next: 'Attach less, ask in a new session, or choose a model that takes more.',
  },
  disk_full: {
    http: 507,
    exit: exitStatus.exhausted,
    title: 'The disk of the machine is full.',
    next: 'Free some space there, then ask again with --continue; nothing that was answered is lost.',
  },

  server_unknown: {
    http: 502,
    exit: exitStatus.unreachable,
    title: 'There is no server at that address.',
    next: 'Check SPOQ_SERVER or --server, or start one: spoq up.',
  },
  server_not_spoq: {
    http: 502,
    exit: exitStatus.unreachable,
    title: 'What answers there is not a Spoq server.',
    next: 'Check SPOQ_SERVER or --server.',
  },
  port_taken: {
    http: 409,
    exit: exitStatus.conflict,
    title: 'The port is taken by another program.',
    next: 'Choose another with --port.',
  },
  data_dir_in_use: {
    http: 409,
    exit: exitStatus.conflict,
    title: 'The data folder is used by another Spoq.',
    next: 'Use that one, stop it, or choose another with SPOQ_DATA_DIR.',
  },
  config_invalid: {
    http: 400,
    exit: exitStatus.usage,
    title: 'The configuration is wrong.',
    next: 'Correct the variables that are named.',
  },
  release_missing: {
    http: 503,
    exit: exitStatus.unreachable,
    title: 'This server has no release for machines.',
    next: 'Whoever runs it builds one: npm run build.',
  },
  setup_over: {
    http: 409,
    exit: exitStatus.conflict,
    title: 'This set-up is over: it was told before that it is done.',
    next: 'Nothing is to do.',
  },
  client_away: {
    http: 409,
    exit: exitStatus.conflict,
    title: 'The computer that asked is away.',
    next: 'Ask again from there.',
  },
} as const satisfies Record<string, Code>

export type ErrorCode = keyof typeof codes
export const errorCodes = Object.keys(codes) as ErrorCode[]
