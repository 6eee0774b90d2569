// How `spoq model list` looks.

import type { ListedModel, ModelList } from '@spoq/contracts/model'
import { table } from '../output.ts'
import { oneLine } from '../render/visible.ts'

/** Three parts, each only when there is something in it. Prices are dollars per million tokens. */
export function modelListLines({ models, keys, found, pricesOf }: ModelList, bin: string): string {
  const parts = [
    models.length > 0
      ? `${table(['MODEL', 'ROLE', 'IN/OUT $', 'STATE'], models.map(rowOf))}\nPrices of ${pricesOf}.`
      : '',
    keys.length > 0
      ? table(
          ['KEY', 'OF', 'FOR', 'FROM'],
          keys.map(({ vendor, masked, url, from, used }) => [
            masked,
            vendor,
            oneLine(url),
            used ? from : `${from}, not used`,
          ]),
        )
      : '',
    found.length > 0
      ? table(
          ['ON THE MACHINE', 'AT'],
          found.flatMap(({ vendor, url, models: names }) =>
            names.map(name => [oneLine(`${vendor}/${name}`), oneLine(url)]),
          ),
        )
      : '',
  ].filter(Boolean)
  if (parts.length > 0) return parts.join('\n\n')
  return `No model yet. Give a key: ${bin} model key set VENDOR; then ${bin} model use VENDOR/NAME.`
}

function rowOf({ name, alias, order, price, trouble }: ListedModel): string[] {
  const role = order === null ? '' : order === 0 ? 'default' : `fallback ${order}`
  const asked = price
    ? `${dollars(price.input)} / ${dollars(price.output)}${price.from === 'own' ? ' (own)' : ''}`
    : '?'
  const known = alias ? `${name} (${alias})` : name
  return [oneLine(known), role, name === 'demo' ? '' : asked, trouble ? oneLine(trouble) : 'ready']
}

const dollars = (micros: number) => String(micros / 1e6)
