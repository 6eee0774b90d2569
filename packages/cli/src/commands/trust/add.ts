import { string } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { SpoqError } from '@spoq/contracts/problem'
import { addTrust, gitRef, repositoryId } from '@spoq/contracts/trust'
import { SpoqCommand } from '../../command.ts'
import { findMachine } from '../../machine/find.ts'
import { backendTarget } from '../../target.ts'
import { readScopes } from '../../token/asked.ts'

export default class TrustAdd extends SpoqCommand {
  static override summary = "Let a repository's GitHub Actions jobs in, without a secret kept there."
  static override description =
    `A job on that ref trades the token that GitHub makes for it for one of 15 minutes. The repository is known by its number,
which nobody else ever gets (gh api repos/OWNER/NAME --jq .id), never by its name. Jobs of pull requests get nothing.

In the workflow: permissions: {id-token: write}, and env: {SPOQ_SERVER: …, SPOQ_TRUST: …}; no login is needed there.`
  static override examples = [
    '<%= config.bin %> trust add --repository-id 123456789 --ref refs/heads/main --scope machine:read,machine:use',
  ]
  static override flags = {
    'repository-id': string({ required: true, helpValue: 'NUMBER', description: "GitHub's number of the repository" }),
    ref: string({ required: true, helpValue: 'REF', description: 'refs/heads/NAME or refs/tags/NAME, exactly' }),
    scope: string({
      required: true,
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'SCOPES',
      description: 'what its jobs may do, with commas between',
    }),
  }

  async run() {
    const { flags } = await this.parse(TrustAdd)
    const context = this.context(flags)
    const asked = { repositoryId: flags['repository-id'], ref: flags.ref, scopes: readScopes(flags.scope) }
    if (!repositoryId.safeParse(asked.repositoryId).success)
      throw wrong('--repository-id', 'Find the number with gh api repos/OWNER/NAME --jq .id')
    if (!gitRef.safeParse(asked.ref).success) throw wrong('--ref', 'Give it whole, as refs/heads/main.')
    const backend = backendTarget(context)
    const machine = flags.machine === undefined ? undefined : (await findMachine(context, backend, flags.machine)).id
    const trust = await call(backend, addTrust, { body: { ...asked, machine } })
    this.log(`SPOQ_SERVER=${backend.origin}\nSPOQ_TRUST=${trust.id}`)
    if (!context.json) console.error('Put both into the env of the workflow, and id-token: write into its permissions.')
    return { trust, server: backend.origin }
  }
}

const wrong = (flag: string, next: string) => new SpoqError('usage', { message: `${flag} is not understood.`, next })
