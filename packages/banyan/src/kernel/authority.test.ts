import { expect, test } from 'vitest'
import { authority, urlHost } from './authority.ts'

test('IPv6 addresses stand in brackets, everything else as it is', () => {
  expect(['sales.internal', '10.0.0.7', '::1'].map(urlHost)).toEqual(['sales.internal', '10.0.0.7', '[::1]'])
  expect(new URL(`http://${authority('fe80::1', 3000)}`).hostname).toBe('[fe80::1]')
})
