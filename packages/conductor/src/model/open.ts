// Opens a model by its full name: address, key, price.

import type { Vendor } from '@spoq/contracts/model'
import { SpoqError } from '@spoq/contracts/problem'
import { tablePrice } from '@spoq/kit/model-price'
import { contextTokensOf } from './context-window.ts'
import { isBroken, type ModelKeys } from './keys.ts'
import type { Model } from './model.ts'
import { patientFetch } from './patient-fetch.ts'
import { type ModelSettings, splitName } from './settings.ts'
import { type Reached, vendorKinds } from './vendor.ts'

export interface Given {
  settings: ModelSettings
  /** Where vendors are asked, in the place of their own addresses. */
  urls: ModelSettings['url']
  keys: ModelKeys
  /** How long a model may be silent, where the settings do not say. */
  patience: { firstByteMs: number; betweenBytesMs: number }
}

/**
 * Opens a vendor's model; nothing of it is called yet.
 * @param at its address, when it is not the one that is set.
 * @param key in the place of the one that is kept.
 * @throws SpoqError `no_model`, `key_missing`.
 */
export async function openModel(given: Given, name: string, at?: string, key?: string): Promise<Model> {
  const split = splitName(name)
  if (!split) throw unknownModel(name)
  const { vendor, model } = split
  const kind = vendorKinds[vendor]
  const reached = await reach(given, vendor, at, key)
  const price = priceOf(given.settings, name)
  return {
    name,
    language: await kind.open(reached, model),
    ...(kind.options ? { options: kind.options } : {}),
    secret: reached.key,
    price,
    free: price === null && isOwn(reached.url),
    contextTokens: contextTokensOf(given.settings, name),
    takesImages: () => kind.takesImages(reached, model),
  }
}

/** The address and the key of a vendor. @throws SpoqError `no_model`, `key_missing`. */
export async function reach(given: Given, vendor: Vendor, at?: string, key?: string): Promise<Reached> {
  const kind = vendorKinds[vendor]
  const url = plainUrl(at ?? given.urls[vendor] ?? kind.url ?? '')
  if (url === '') throw new SpoqError('no_model', { message: `${vendor} has no address.`, next: addAddress })
  const found = key ?? (await keyFor(given, vendor, url))
  if (!found && kind.needsKey) throw keyMissing(vendor)
  return { url, key: found, fetch: patientFetch({ ...given.patience, ...given.settings.patience }) }
}

const addAddress = 'Say it: spoq model use NAME --url https://api.example.org/v1.'

export const plainUrl = (url: string) => url.replace(/\/+$/, '')

/** The owner's own price, else the table's. */
export const priceOf = (settings: ModelSettings, name: string) => settings.price[name] ?? tablePrice(name)

async function keyFor({ keys }: Given, vendor: Vendor, url: string): Promise<string | null> {
  try {
    return await keys.read(vendor, url)
  } catch (error) {
    if (!isBroken(error)) throw error
    throw new SpoqError('key_missing', {
      message: `The key of ${vendor} does not open for ${url}: it was entered for another address, or is damaged.`,
      next: `Set it again: spoq model key set ${vendor}.`,
    })
  }
}

const keyMissing = (vendor: Vendor) =>
  new SpoqError('key_missing', {
    message: `There is no key for ${vendor}.`,
    next: `Set one: spoq model key set ${vendor}.`,
  })

export const unknownModel = (name: string | null) =>
  new SpoqError('no_model', name ? { message: `No model named "${name}" can be reached.` } : {})

const isOwn = (url: string) => ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname)
