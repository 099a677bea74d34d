/** Host and port as they stand in a URL, IPv6 addresses in brackets (RFC 3986, section 3.2.2): `10.0.0.7:3000`, `[::1]:3000`. */
export function authority(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}
