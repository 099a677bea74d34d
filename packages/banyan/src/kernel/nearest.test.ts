import { expect, test } from 'vitest'
import { editDistance, nearest } from './nearest.ts'

test.each([
  ['', '', 0],
  ['', 'abc', 3],
  ['routes', 'routes', 0],
  ['rotues', 'routes', 1],
  ['route', 'routes', 1],
  ['kitten', 'sitting', 3],
])('from %s to %s it takes %i', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance)
  expect(editDistance(b, a)).toBe(distance)
})

const words = ['dev', 'start', 'routes', 'services', 'events', 'migrate', 'db plan']
test.each([
  ['rotues', 'routes'],
  ['migrates', 'migrate'],
  ['mig', 'migrate'],
  ['evnts', 'events'],
  ['serve', undefined],
  ['db paln', 'db plan'],
  ['deploy', undefined],
  ['x', undefined],
])('%s is meant as %s', (given, meant) => {
  expect(nearest(given, words)).toBe(meant)
})
