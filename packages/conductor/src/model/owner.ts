// What the owner does about models: choose, list, keep keys, set prices and budgets, try.

import type * as wire from '@spoq/contracts/model'
import type { Vendor } from '@spoq/contracts/model'
import { SpoqError } from '@spoq/contracts/problem'
import { masked } from '@spoq/kit/model-vendor'
import { room } from './budget.ts'
import { checkKey } from './check-key.ts'
import { firstOf, givenOf, type ModelOptions, open, placeOf } from './choose.ts'
import { contextTokensOf } from './context-window.ts'
import { costOf } from './cost.ts'
import { forget } from './forget.ts'
import { findEndpoints } from './found.ts'
import { isBroken } from './keys.ts'
import { listModels } from './list.ts'
import { type Given, openModel, plainUrl, reach, unknownModel } from './open.ts'
import { noBudget, readSettings, splitName, writeSettings } from './settings.ts'
import { type Spending, sumOf } from './spending.ts'
import { tryModel } from './try.ts'
import { vendorKinds } from './vendor.ts'

/** The owner's verbs; for what each throws see its route in the contracts. */
export type ModelOwner = ReturnType<typeof modelOwner>

export function modelOwner(options: ModelOptions, spending: Spending, now: () => number) {
  const { folder, keys } = options

  async function show(): Promise<wire.ModelInUse> {
    const given = await givenOf(options)
    const { chosen } = given.settings
    const place = chosen ? { name: chosen } : firstOf(await findEndpoints(options.endpoints))
    if (!place) return { source: 'none', name: null, url: null, hasKey: false }
    const source = chosen ? 'chosen' : 'found'
    const split = splitName(place.name)
    if (!split) return { source, name: place.name, url: null, hasKey: false }
    const url = ('foundAt' in place ? place.foundAt : null) ?? urlOf(given, split.vendor)
    return { source, name: place.name, url, hasKey: await hasKey(split.vendor, url) }
  }

  async function hasKey(vendor: Vendor, url: string): Promise<boolean> {
    try {
      return (await keys.read(vendor, url)) !== null
    } catch (error) {
      if (isBroken(error)) return false
      throw error
    }
  }

  async function use(choice: wire.ModelChoice): Promise<wire.ModelInUse> {
    const given = await givenOf(options)
    const fallback = choice.fallback ? await fullNames(given, choice.fallback) : given.settings.fallback
    if (choice.name === 'demo') {
      writeSettings(folder, { ...given.settings, chosen: 'demo', fallback })
      return show()
    }
    const { name, url } = await meant(given, choice)
    const { vendor } = splitName(name) as { vendor: Vendor }
    await tryModel(await openModel(given, name, url, choice.key))
    const address = plainUrl(url ?? urlOf(given, vendor))
    if (choice.key) await keys.write(vendor, address, choice.key)
    // What was entered for another address would not open any more.
    else if (url && !(await hasKey(vendor, address))) keys.remove(vendor)
    const { settings } = given
    const alias = choice.alias ? { ...settings.alias, [choice.alias]: name } : settings.alias
    const urls = url ? { ...settings.url, [vendor]: address } : settings.url
    writeSettings(folder, { ...settings, chosen: name, fallback, alias, url: urls })
    return show()
  }

  /** The full name, and the address when it is not the one that is set. */
  async function meant(given: Given, { name, url }: wire.ModelChoice): Promise<{ name: string; url?: string }> {
    if (url) return { name: splitName(name) ? name : `openai-compatible/${name}`, url: plainUrl(url) }
    const place = await placeOf(options, given, name)
    if (!place) throw unknownModel(name)
    return { name: place.name, ...(place.foundAt ? { url: place.foundAt } : {}) }
  }

  async function fullNames(given: Given, names: readonly string[]): Promise<string[]> {
    const places = await Promise.all(names.map(name => placeOf(options, given, name)))
    return places.map((place, index) => {
      if (!place || place.name === 'demo') throw unknownModel(names[index] ?? null)
      return place.name
    })
  }

  async function setKey(vendor: Vendor, { key, url }: { key: string; url?: string | undefined }) {
    const given = await givenOf(options)
    const reached = await reach(given, vendor, url, key)
    await checkKey(vendorKinds[vendor], reached)
    await keys.write(vendor, reached.url, key)
    if (url) writeSettings(folder, { ...given.settings, url: { ...given.settings.url, [vendor]: reached.url } })
    return { vendor, masked: masked(key), url: reached.url, from: 'machine' as const, used: true }
  }

  async function setPrice(name: string, price: wire.ModelPrice | null): Promise<void> {
    const given = await givenOf(options)
    const place = await placeOf(options, given, name)
    if (!place) throw unknownModel(name)
    const { [place.name]: _, ...others } = given.settings.price
    writeSettings(folder, { ...given.settings, price: price ? { ...others, [place.name]: price } : others })
  }

  async function setContext(name: string, tokens: number | null): Promise<{ name: string; tokens: number }> {
    const given = await givenOf(options)
    const place = await placeOf(options, given, name)
    if (!place) throw unknownModel(name)
    const { [place.name]: _, ...others } = given.settings.context
    const settings = { ...given.settings, context: tokens ? { ...others, [place.name]: tokens } : others }
    writeSettings(folder, settings)
    return { name: place.name, tokens: contextTokensOf(settings, place.name) }
  }

  async function remove(name: string) {
    const forgotten = forget(readSettings(folder), name)
    if (!forgotten) throw unknownModel(name)
    const { settings, model, aliases } = forgotten
    writeSettings(folder, settings)
    return { model, aliases, inUse: await show() }
  }

  async function test(asked: string | null): Promise<wire.ModelTested> {
    const given = await givenOf(options)
    const place = await placeOf(options, given, asked)
    if (!place) throw unknownModel(asked)
    const model = await open(options, given, place)
    const day = spending.today()
    room(given.settings.budget ?? noBudget, { turn: sumOf([]), day }, model, sumOf([]))
    const start = now()
    const usage = await tryModel(model)
    const costMicros = costOf(model.price, usage)
    spending.record({ usage, model: model.name, costMicros })
    return { name: model.name, ms: now() - start, usage, costMicros }
  }

  function showBudget(): wire.BudgetState {
    return { budget: readSettings(folder).budget ?? noBudget, today: spending.today() }
  }

  function setBudget(budget: wire.Budget): wire.BudgetState {
    writeSettings(folder, { ...readSettings(folder), budget })
    return showBudget()
  }

  const removeKey = (vendor: Vendor) => keys.remove(vendor)
  const list = async () => listModels(options, await givenOf(options))
  return { show, use, remove, setKey, removeKey, setPrice, setContext, test, showBudget, setBudget, list }
}

function urlOf({ urls }: Given, vendor: Vendor): string {
  const url = urls[vendor] ?? vendorKinds[vendor].url
  if (!url) throw new SpoqError('no_model', { message: `${vendor} has no address.` })
  return url
}
