import { existsSync } from 'node:fs'
import { join } from 'node:path'

const FILES = ['online-retail.csv.gz', 'online-retail-2010-12-01.csv', 'online-retail.expected.json']

/** Where the real shop's file lies, which is no part of the project: at SHOP_REPLAY_DATA, or beside the repository. */
export function realData(): string | undefined {
  const directory = process.env['SHOP_REPLAY_DATA'] ?? join(import.meta.dirname, '../../../../shared/data/online-retail')
  return FILES.every((name) => existsSync(join(directory, name))) ? directory : undefined
}

/** Why a test that needs it is skipped. */
export const ABSENT = 'the real shop’s file is not here; SHOP_REPLAY_DATA says where it is'
