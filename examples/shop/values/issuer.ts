/** What the shop's own access tokens say of who made them and for whom. */
export const issuer = { issuer: 'shop', audience: 'shop' } as const
