/** The customer of a sale to somebody unknown. Nobody can register under this name: an id of users is a UUID. */
export const GUEST = 'guest'
