// Which model answers: the one that was asked for, else the machine's choice with its fallback, else one that runs on
// the machine.

import { SpoqError } from '@spoq/contracts/problem'
import { type DemoOptions, demoModel } from './demo.ts'
import { type Found, findEndpoints } from './found.ts'
import type { ModelKeys } from './keys.ts'
import type { Model } from './model.ts'
import { type Given, openModel, unknownModel } from './open.ts'
import type { Patience } from './patient-fetch.ts'
import { type Place, resolve } from './resolve.ts'
import { type ModelSettings, readSettings } from './settings.ts'

export interface ModelOptions {
  /** The machine's folder. */
  folder: string
  keys: ModelKeys
  /** Addresses on this machine where a model server may listen. */
  endpoints: readonly string[]
  demo: DemoOptions
  /** How long a model may be silent, where the owner has not said. */
  patience: Patience
}

export interface Models {
  /**
   * Opens the model for a question.
   * @param asked the name that the question gave; null for the machine's choice.
   * @throws SpoqError `no_model`, `key_missing`.
   */
  choose(asked: string | null): Promise<Model>
  /**
   * The same, with those that are asked after it when it does not answer. A model that was asked for by name stands
   * alone; of the fallback those that cannot be opened are left out.
   */
  line(asked: string | null): Promise<Model[]>
}

/** The models of a machine. Every question looks anew, so a change needs no restart. */
export function modelsOf(options: ModelOptions): Models {
  async function choose(asked: string | null): Promise<Model> {
    const given = await givenOf(options)
    const place = await placeOf(options, given, asked)
    if (!place) throw unknownModel(asked)
    return open(options, given, place)
  }

  async function line(asked: string | null): Promise<Model[]> {
    const first = await choose(asked)
    if (asked !== null) return [first]
    const given = await givenOf(options)
    const others = given.settings.chosen ? given.settings.fallback.filter(name => name !== first.name) : []
    const opened = await Promise.all(others.map(name => orNull(choose(name))))
    return [first, ...opened.filter(model => model !== null)]
  }

  return { choose, line }
}

export async function givenOf({ folder, keys, patience }: ModelOptions): Promise<Given> {
  const settings = readSettings(folder)
  return { settings, urls: await urlsOf(settings, keys), keys, patience }
}

/** What is set on the machine; else where the account's key goes, but where the machine has its own. */
async function urlsOf({ url }: ModelSettings, keys: ModelKeys): Promise<Given['urls']> {
  const account = (await keys.ofAccount()).filter(({ vendor }) => !keys.hasOwn(vendor))
  return { ...Object.fromEntries(account.map(one => [one.vendor, one.url])), ...url }
}

/** Where the model is that a name means, or without a name the machine's choice, or what was found. */
export async function placeOf(options: ModelOptions, given: Given, asked: string | null): Promise<Place | null> {
  const settings = { ...given.settings, url: given.urls }
  const find = () => findEndpoints(options.endpoints)
  const wanted = asked ?? settings.chosen
  if (wanted !== null) return resolve(wanted, settings, find)
  return firstOf(await find())
}

/** The model that is taken when nobody has chosen. */
export function firstOf([found]: readonly Found[]): Place | null {
  return found ? { name: `${found.vendor}/${found.models[0]}`, foundAt: found.url } : null
}

export async function open(options: ModelOptions, given: Given, { name, foundAt }: Place): Promise<Model> {
  return name === 'demo' ? demoModel(options.demo) : openModel(given, name, foundAt)
}

async function orNull(opening: Promise<Model>): Promise<Model | null> {
  try {
    return await opening
  } catch (error) {
    if (error instanceof SpoqError) return null
    throw error
  }
}
