import { expect, test } from 'vitest'
import { authority } from './authority.ts'

test('IPv6 addresses stand in brackets, everything else as it is', () => {
  expect(['sales.internal', '10.0.0.7', '::1'].map((host) => authority(host, 3000))).toEqual(['sales.internal:3000', '10.0.0.7:3000', '[::1]:3000'])
  expect(new URL(`http://${authority('fe80::1', 3000)}`).hostname).toBe('[fe80::1]')
})
