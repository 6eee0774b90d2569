// Asks which model shall answer, on a terminal.

import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { chooseModel, type ModelChoice, type ModelInUse, showModel } from '@spoq/contracts/model'
import { readChoice, readKey } from '../model/choice.ts'
import { askText, choose, type Terminal } from '../terminal.ts'

const flag = 'spoq model use'

/** Lets the person choose; skipped, everything stays as it is. */
export async function chooseAModel(terminal: Terminal, target: Target): Promise<ModelInUse> {
  const kind = await choose(terminal, {
    message: 'Which model shall answer?',
    flag,
    choices: [
      { name: 'Anthropic, with your key', value: 'anthropic' },
      { name: 'OpenAI, with your key', value: 'openai' },
      { name: 'Google, with your key', value: 'google' },
      { name: 'One with an OpenAI-compatible address', value: 'own' },
      { name: 'The demo: scripted, no AI', value: 'demo' },
      { name: 'Decide later', value: 'later' },
    ],
  })
  if (kind === 'later') return call(target, showModel)
  if (kind === 'demo') return call(target, chooseModel, { body: { name: 'demo' } })
  return call(target, chooseModel, { body: await (kind === 'own' ? askChoice(terminal) : askVendor(terminal, kind)) })
}

async function askVendor(terminal: Terminal, vendor: string): Promise<ModelChoice> {
  const name = await askText(terminal, { message: `The model of ${vendor}:`, flag, check: notEmpty })
  return { name: `${vendor}/${name.trim()}`, key: await readKey(null, terminal, vendor) }
}

async function askChoice(terminal: Terminal) {
  const url = await askText(terminal, { message: 'Its address, up to and with /v1:', flag, check: isAddress })
  const name = await askText(terminal, { message: 'The name of the model:', flag, check: notEmpty })
  return readChoice({ name, url, key: null }, terminal)
}

const isAddress = (text: string) =>
  /^https?:/.test(text) && URL.canParse(text) ? true : 'An address as https://HOST/v1'
const notEmpty = (text: string) => (text.trim() === '' ? 'A name, as its server knows it' : true)
