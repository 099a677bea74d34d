import { expect, test } from 'vitest'
import { certificateTable } from './certificate-table.ts'
import type { LiveInstance } from './live-units.ts'
import { style } from './style.ts'

const plain = style(false)
const shop = { certificate: './shop.pem', names: ['shop.example.com', 'www.example.com'], expires: '2027-03-01T10:00:00.000Z' }
const fault = 'tls.certificates[0].certificate is not good: ./shop.pem has no certificate in PEM form'

function instance(id: string, certificates: readonly object[] | undefined): LiveInstance {
  const gateway = { routes: {}, upstreams: {}, ...(certificates && { certificates: certificates as readonly (typeof shop)[] }) }
  const status = { unit: 'all', instance: undefined, pid: 7, state: 'ready', upMs: 1, inFlight: 0, ways: {}, gateway } as const
  return { id, unit: 'all', url: 'http://10.0.0.1:3000', trouble: undefined, status }
}

test('what several instances show alike stands there once; one whose files are not good any more says why', () => {
  const units = new Map([['all', [instance('a', [shop]), instance('b', [shop]), instance('c', [{ ...shop, fault }])]]])
  expect(certificateTable(units, plain).split('\n')).toEqual([
    'certificates  of the gateway file',
    '  CERTIFICATE  NAMES                              EXPIRES',
    '  ./shop.pem   shop.example.com, www.example.com  2027-03-01',
    `  ./shop.pem   shop.example.com, www.example.com  2027-03-01  no longer what its files hold: ${fault}`,
    '',
  ])
})

test('nothing is said where nothing is shown', () => {
  expect(certificateTable(new Map([['all', [instance('a', undefined)]]]), plain)).toBe('')
})
