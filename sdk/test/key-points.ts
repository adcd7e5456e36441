// Encodings of Ed25519 points under which a signature proves nothing, as they are published. Hexadecimal, little-endian.

/**
 * The eight points of small order in all their encodings. Sources: Chalkias, Garillot, Nikolaenko, "Taming the many EdDSAs"
 * (IACR ePrint 2020/1244), tables 1 and 3; the list is also in libsodium, crypto_core/ed25519/ref10/ed25519_ref10.c.
 */
export const SMALL_ORDER: readonly (readonly [string, string])[] = [
  ['order 1', `01${'00'.repeat(31)}`],
  ['order 1, x = 0 with its sign bit', `01${'00'.repeat(30)}80`],
  ['order 1, y = p + 1', `ee${'ff'.repeat(30)}7f`],
  ['order 1, y = p + 1, with the sign bit', `ee${'ff'.repeat(31)}`],
  ['order 2', `ec${'ff'.repeat(30)}7f`],
  ['order 2, x = 0 with its sign bit', `ec${'ff'.repeat(31)}`],
  ['order 4', '00'.repeat(32)],
  ['order 4, the other', `${'00'.repeat(31)}80`],
  ['order 4, y = p', `ed${'ff'.repeat(30)}7f`],
  ['order 4, the other, y = p', `ed${'ff'.repeat(31)}`],
  ['order 8', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'],
  ['order 8, the second', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85'],
  ['order 8, the third', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'],
  ['order 8, the fourth', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa'],
];

/** y not below p (RFC 8032 section 5.1.3, step 1): p + 2 to p + 18 with and without the sign bit. */
export const NOT_CANONICAL: readonly (readonly [string, string])[] = Array.from(
  { length: 17 },
  (_, at) => at + 2,
).flatMap((more) => {
  const first = (0xed + more).toString(16);
  return [
    [`y = p + ${more}`, `${first}${'ff'.repeat(30)}7f`] as const,
    [`y = p + ${more}, with the sign bit`, `${first}${'ff'.repeat(31)}`] as const,
  ];
});

/** No x fits these y: 2, 7 and p - 2 (RFC 8032 section 5.1.3, step 3). */
export const NOT_ON_CURVE: readonly (readonly [string, string])[] = [
  ['y = 2', `02${'00'.repeat(31)}`],
  ['y = 7', `07${'00'.repeat(31)}`],
  ['y = p - 2', `eb${'ff'.repeat(30)}7f`],
  ['y = 2, with the sign bit', `02${'00'.repeat(30)}80`],
];

/** Public keys of RFC 8032 section 7.1, tests 1, 2, 3 and 1024. */
export const GOOD: readonly (readonly [string, string])[] = [
  ['test 1', 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'],
  ['test 2', '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'],
  ['test 3', 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025'],
  ['test 1024', '278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e'],
];
