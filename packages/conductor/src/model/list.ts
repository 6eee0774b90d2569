// What is set up, as its owner sees it.

import { type ListedModel, type ModelList, type ShownKey, type Vendor, vendors } from '@spoq/contracts/model'
import { SpoqError } from '@spoq/contracts/problem'
import { pricesOf, tablePrice } from '@spoq/kit/model-price'
import { masked } from '@spoq/kit/model-vendor'
import type { ModelOptions } from './choose.ts'
import { contextTokensOf } from './context-window.ts'
import { findEndpoints } from './found.ts'
import { type Given, reach } from './open.ts'
import { splitName } from './settings.ts'
import { vendorKinds } from './vendor.ts'

/** Lists the models, the keys as they are shown, and what answers on the machine itself. */
export async function listModels(options: ModelOptions, given: Given): Promise<ModelList> {
  const { chosen, fallback, alias } = given.settings
  const ordered = chosen ? [chosen, ...fallback.filter(name => name !== chosen)] : []
  const names = [...new Set([...ordered, ...Object.values(alias)])]
  const models = await Promise.all(names.map(name => listed(given, name, ordered.indexOf(name))))
  return { models, keys: await keysOf(given), found: await findEndpoints(options.endpoints), pricesOf }
}

async function listed(given: Given, name: string, order: number): Promise<ListedModel> {
  const split = splitName(name)
  const { alias, price: own } = given.settings
  const price = own[name] ? { ...own[name], from: 'own' as const } : fromTable(name)
  return {
    name,
    alias: Object.entries(alias).find(([, full]) => full === name)?.[0] ?? null,
    order: order < 0 ? null : order,
    url: split ? (given.urls[split.vendor] ?? vendorKinds[split.vendor].url ?? '') : '',
    trouble: split ? await troubleOf(given, split.vendor) : null,
    price,
    contextTokens: contextTokensOf(given.settings, name),
  }
}

function fromTable(name: string) {
  const price = tablePrice(name)
  return price && { ...price, from: 'table' as const }
}

async function troubleOf(given: Given, vendor: Vendor): Promise<string | null> {
  try {
    await reach(given, vendor)
    return null
  } catch (error) {
    if (error instanceof SpoqError) return error.message
    throw error
  }
}

/** The machine's own, then the account's. */
async function keysOf({ keys, urls }: Given): Promise<ShownKey[]> {
  const shown: ShownKey[] = []
  for (const vendor of vendors.filter(one => keys.hasOwn(one))) {
    const url = urls[vendor] ?? vendorKinds[vendor].url
    const key = url && (await keys.read(vendor, url).catch(() => null))
    if (key) shown.push({ vendor, masked: masked(key), url, from: 'machine', used: true })
  }
  for (const { vendor, url, key } of await keys.ofAccount()) {
    const used = !keys.hasOwn(vendor) && urls[vendor] === url
    shown.push({ vendor, masked: masked(key), url, from: 'account', used })
  }
  return shown
}
