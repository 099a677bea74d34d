import { expect, test } from 'vitest'
import { readArguments } from './arguments.ts'

test('what is not said is as usual', () => {
  expect(readArguments(['orders.csv.gz', '--limit', '20', '--kill', '--topology', 'split'], '/elsewhere')).toEqual({
    file: '/elsewhere/orders.csv.gz',
    limit: 20,
    check: undefined,
    topology: 'split',
    kill: true,
    directory: undefined,
    urls: [],
    seed: 1,
    atOnce: 64,
    json: false,
  })
})

test.each([
  [['a.csv', 'b.csv'], 'there are 2 files: a.csv, b.csv; one is replayed'],
  [['--limit', 'all'], "--limit is 'all'; it needs a whole number above 0"],
  [['--url', 'here'], "--url is 'here'; it needs an address"],
  [['--url', 'http://127.0.0.1:3000', '--kill'], '--kill and --topology are for a shop that is started here'],
  [['--fast'], "Unknown option '--fast'"],
])('%j is refused', (words, message) => {
  expect(() => readArguments(words, '/elsewhere')).toThrow(message)
})
