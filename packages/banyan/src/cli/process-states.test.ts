import { expect, test } from 'vitest'
import { ProcessStates } from './process-states.ts'
import { style } from './style.ts'

test('each process has a line, with how it is and how it ended last', () => {
  const states = new ProcessStates()
  states.begin(['sales', 'stock-1', 'stock-2'], 0)
  states.ready('sales', { pid: 41, url: 'http://127.0.0.1:3000' }, 1_000)
  states.ready('stock-1', { pid: 42, url: 'http://127.0.0.1:3001' }, 1_000)
  states.ended('stock-1', 'was ended by SIGKILL', true, 62_000)
  expect(states.table(style(false), 63_000)).toBe(
    [
      '  UNIT     STATE       FOR    PROCESS  RESTARTS  URL',
      '  sales    ready       1 min  41       0         http://127.0.0.1:3000',
      '  stock-1  restarting  1 s             1         http://127.0.0.1:3001  was ended by SIGKILL',
      '  stock-2  starting    1 min           0',
      '',
    ].join('\n'),
  )
  states.ready('stock-1', { pid: 44, url: 'http://127.0.0.1:3001' }, 63_000)
  states.ended('stock-2', 'ended with exit code 1', false, 63_000)
  expect(states.table(style(false), 63_500)).toMatch(
    /stock-1 {2}ready +500 ms +44 +1 .*\n {2}stock-2 {2}waits for a change {2}500 ms +0 +ended with exit code 1\n/,
  )
})
