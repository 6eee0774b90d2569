// Domains on the command line: how they are named, and how they look.

import { domainToASCII } from 'node:url'
import { string } from '@oclif/core/args'
import { type Domain, domainName } from '@spoq/contracts/domain'
import { SpoqError } from '@spoq/contracts/problem'
import { table } from '../output.ts'

export const domainArguments = {
  name: string({ required: true, description: 'the name or id of the machine', ignoreStdin: true }),
  domain: string({ required: true, description: 'a domain of yours: app.example.com', ignoreStdin: true }),
}

/** A domain as the DNS writes it: `Bücher.example.com` is `xn--bcher-kva.example.com`. @throws SpoqError `usage`. */
export function domainOf(given: string): string {
  const parsed = domainName.safeParse(domainToASCII(given.trim().replace(/\.$/, '')))
  if (parsed.success) return parsed.data
  throw new SpoqError('usage', {
    message: `${given}: ${parsed.error.issues[0]?.message}.`,
    next: 'Give it without https://.',
  })
}

export const domainTable = (domains: readonly Domain[]) =>
  table(
    ['DOMAIN', 'STATE', 'TXT RECORD', 'VALUE'],
    domains.map(({ domain, state, proof }) => [domain, state, proof.name, proof.value]),
  )
