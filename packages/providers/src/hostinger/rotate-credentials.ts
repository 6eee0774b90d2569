import { randomBytes } from 'node:crypto'
import { act } from './action.ts'
import type { Hostinger } from './options.ts'
import { ours } from './status.ts'

/** Gives root a password that nobody is told. */
export async function rotateCredentials(hostinger: Hostinger, ref: string): Promise<void> {
  await ours(hostinger, ref)
  await act(hostinger, 'PUT', ref, 'root-password', { password: newPassword() })
}

/** The kinds of letters that Hostinger asks for, and 256 random bits. */
const newPassword = () => `Aa1${randomBytes(32).toString('hex')}`
