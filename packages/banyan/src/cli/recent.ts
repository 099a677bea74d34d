interface Collection<Key> {
  readonly size: number
  keys(): Iterator<Key>
  delete(key: Key): boolean
}

/** Forgets what was added first where a Map or Set has grown beyond `most`: for those that would grow for as long as a process runs. */
export function keepRecent<Key>(collection: Collection<Key>, most: number): void {
  const keys = collection.keys()
  while (collection.size > most) collection.delete(keys.next().value as Key)
}
