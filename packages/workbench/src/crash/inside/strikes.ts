// Where a run can be struck, and how.

import { oneOf } from '../random.ts'
import type { Blow, Place, Strike } from './gate.ts'

const call: readonly Blow[] = ['crash before', 'crash after', 'error', 'lost answer']
const blowsOf: Record<string, readonly Blow[]> = {
  // Waiting changes nothing that could be seen, so there is no answer to lose.
  connect: ['crash before', 'error'],
  turn: ['crash before'],
  clock: ['crash before', 'leap'],
}

/** Every blow at every one of these places. */
export const everyStrike = (places: readonly Place[]): Strike[] =>
  places.flatMap(place => blowsAt(place).map(blow => ({ place, blow })))

/** One of the blows at every one of these places. */
export const oneStrikeEach = (random: () => number, places: readonly Place[]): Strike[] =>
  places.flatMap(place => anyStrike(random, [place]))

/** The owner changes his mind at each of these. */
export const everyCancel = (places: readonly Place[]): Strike[] =>
  places.flatMap(place => (nameOf(place) === 'clock' ? [] : { place, blow: 'meanwhile' as const }))

export function anyStrike(random: () => number, places: readonly Place[], blows?: readonly Blow[]): Strike[] {
  const place = oneOf(random, places)
  const blow = place && oneOf(random, blows ?? blowsAt(place))
  return place && blow ? [{ place, blow }] : []
}

const blowsAt = (place: Place): readonly Blow[] => blowsOf[nameOf(place)] ?? call
const nameOf = (place: Place) => place.replace(/ #\d+$/, '')
