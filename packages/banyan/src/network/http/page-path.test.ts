import { expect, test } from 'vitest'
import { pagePath } from './page-path.ts'

test.each([
  ['/', ['index.html']],
  ['/style.css', ['style.css']],
  ['/pictures/tea%20pot.png', ['pictures', 'tea pot.png']],
  ['/a..b/c..', ['a..b', 'c..']],
  ['/.well-known/security.txt', ['.well-known', 'security.txt']],
])('%s asks for a file', (path, names) => {
  expect(pagePath(path)).toEqual(names)
})

test.each([
  '/../secret',
  '/%2e%2e/secret',
  '/%2E./secret',
  '/a/../../secret',
  '/..%2fsecret',
  '/a%2Fb',
  '/..\\secret',
  '/..%5csecret',
  '/a%00.html',
  '/c:/windows',
  '/a:stream',
  '//etc/passwd',
  '/a/',
  '/.env',
  '/.git/config',
  '/a/./b',
  '/%zz',
  '/%c0%ae%c0%ae/secret',
])('%s asks for none', (path) => {
  expect(pagePath(path)).toBeUndefined()
})
