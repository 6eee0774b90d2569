import { string } from '@oclif/core/flags'

/** Which machine, and as whom. */
export const sshFlags = {
  machine: string({ char: 'm', helpValue: 'NAME', description: 'which machine, if you have several (SPOQ_MACHINE)' }),
  profile: string({ helpValue: 'NAME', description: 'as which profile of the machine' }),
}

export const sshOption = {
  'ssh-option': string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'OPTION',
    description: 'for ssh or scp, as it is: --ssh-option=-v',
  }),
}
