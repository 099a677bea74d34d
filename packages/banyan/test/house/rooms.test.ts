import { describe, expect, test } from 'vitest'
import { cycles } from './cycles.ts'
import { neighbours, order } from './order.ts'
import { published, type SourceFile } from './source.ts'

const files = published()
const edges = files.flatMap((file) => file.imports.map((path) => ({ file, path, to: path.includes('/') ? path.slice(0, path.indexOf('/')) : '' })))

describe('rooms', () => {
  test('every folder below src is a room with a place in the order', () => {
    const unknown = [...new Set(files.map(({ room }) => room))].filter((room) => room !== '' && !(room in order))
    expect(unknown, 'give it a number in test/house/order.ts').toEqual([])
  })

  test('every import of a file leads to a file', () => {
    const known = new Set(files.map(({ path }) => path))
    expect(edges.filter(({ path }) => !known.has(path)).map(({ file, path }) => `${file.path} imports ${path}, which does not exist or is a test`)).toEqual([])
  })

  test('imports lead downward', () => {
    const upward = edges.filter(({ file, to }) => file.room !== '' && to !== '' && !allowed(file, to))
    expect(upward.map(({ file, path, to }) => `${file.path} (${file.room} ${order[file.room]}) imports ${path} (${to} ${order[to]})`)).toEqual([])
  })

  test('nobody inside imports an entry point', () => {
    const entries = edges.filter(({ file, path }) => file.room !== '' && (!path.includes('/') || path.endsWith('/index.ts')))
    expect(entries.map(({ file, path }) => `${file.path} imports ${path}; import the file that has the name`)).toEqual([])
  })

  test('no file imports itself through others, types included', () => {
    const graph = new Map(files.map((file) => [file.path, file.imports]))
    expect(cycles(graph).map((cycle) => cycle.join(' -> '))).toEqual([])
  })

  test('declared neighbours are used', () => {
    const unused = neighbours.filter(({ from, to }) => !edges.some((edge) => edge.file.room === from && edge.to === to))
    expect(
      unused.map(({ from, to }) => `${from} -> ${to}`),
      'remove it from test/house/order.ts',
    ).toEqual([])
  })

  test('the graph of rooms is the committed one', async () => {
    const rooms = Object.keys(order).filter((room) => files.some((file) => file.room === room))
    const lines = rooms.map((room) => `${room} -> ${[...roomsFrom(room)].join(', ') || 'nothing'}\n`)
    await expect(lines.join(''), 'a new dependency between rooms: accept it with vitest -u').toMatchFileSnapshot('rooms.txt')
  })
})

function allowed({ room }: SourceFile, to: string): boolean {
  if (room === to) return true
  return order[to]! < order[room]! || neighbours.some((pair) => pair.from === room && pair.to === to)
}

function roomsFrom(room: string): Set<string> {
  const reached = new Set(edges.filter(({ file, to }) => file.room === room && to !== room && to !== '').map(({ to }) => to))
  return new Set(Object.keys(order).filter((name) => reached.has(name)))
}
