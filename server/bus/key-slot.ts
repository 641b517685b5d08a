/** Number of hash slots in a Redis Cluster. */
export const SLOTS = 16_384

const CRC16_XMODEM = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
  return crc
})

/**
 * The slot of a key or channel: CRC16 of the part between its first `{` and the next `}`, or of the whole name without such a
 * part. Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
 */
export function keySlot(name: string): number {
  const bytes = Buffer.from(name)
  const open = bytes.indexOf('{')
  const close = open === -1 ? -1 : bytes.indexOf('}', open + 1)
  const hashed = close > open + 1 ? bytes.subarray(open + 1, close) : bytes
  let crc = 0
  for (const byte of hashed) crc = ((crc << 8) & 0xffff) ^ (CRC16_XMODEM[(crc >> 8) ^ byte] ?? 0)
  return crc % SLOTS
}
