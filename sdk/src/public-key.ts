// Which 32 bytes are an Ed25519 public key (RFC 8032): the one encoding of a point of prime order. Under a point of small
// order a token verifies that nobody signed, and platforms import those points without a word.

/** The field, the curve's constant, a root of -1, and the order that every key of RFC 8032 section 5.1.5 has. */
const P = 2n ** 255n - 19n;
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
const ROOT_OF_MINUS_ONE = 19681161376707505956807079304988542015446066515923890162744021073123829784752n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

const SIGN_BIT = 1n << 255n;
const KEY_BYTES = 32;

/** Extended coordinates: x = X/Z, y = Y/Z, T = XY/Z. Public values only, so nothing here has to take constant time. */
type Point = { readonly x: bigint; readonly y: bigint; readonly z: bigint; readonly t: bigint };
const NEUTRAL: Point = { x: 0n, y: 1n, z: 1n, t: 0n };

/** True for the canonical encoding of a point of order L: what a private key can have made. */
export function isPublicKey(bytes: Uint8Array): boolean {
  const point = decode(bytes);
  return point !== null && !isNeutral(point) && isNeutral(multiply(point, ORDER));
}

/** RFC 8032 section 5.1.3, with what it says of y not below p and of x = 0 taken at its word. */
function decode(bytes: Uint8Array): Point | null {
  if (bytes.length !== KEY_BYTES) return null;
  const number = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
  const isOdd = number >= SIGN_BIT;
  const y = isOdd ? number - SIGN_BIT : number;
  if (y >= P) return null;
  const root = squareRoot(mod(y * y - 1n), mod(D * y * y + 1n));
  if (root === null || (root === 0n && isOdd)) return null;
  const x = (root & 1n) === (isOdd ? 1n : 0n) ? root : P - root;
  return { x, y, z: 1n, t: mod(x * y) };
}

/** A root of u/v; null when there is none, so no point has that y. */
function squareRoot(u: bigint, v: bigint): bigint | null {
  const v3 = mod(v * v * v);
  const root = mod(u * v3 * power(mod(u * v3 * v3 * v), (P - 5n) / 8n));
  const square = mod(v * root * root);
  if (square === u) return root;
  return square === mod(-u) ? mod(root * ROOT_OF_MINUS_ONE) : null;
}

/** RFC 8032 section 5.1.4; complete, so it doubles as well. */
function add(one: Point, other: Point): Point {
  const a = mod((one.y - one.x) * (other.y - other.x));
  const b = mod((one.y + one.x) * (other.y + other.x));
  const c = mod(2n * D * one.t * other.t);
  const d = mod(2n * one.z * other.z);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return { x: mod(e * f), y: mod(g * h), z: mod(f * g), t: mod(e * h) };
}

function multiply(point: Point, factor: bigint): Point {
  let [sum, doubled] = [NEUTRAL, point];
  for (let left = factor; left > 0n; left >>= 1n) {
    if (left & 1n) sum = add(sum, doubled);
    doubled = add(doubled, doubled);
  }
  return sum;
}

function isNeutral({ x, y, z }: Point): boolean {
  return x === 0n && y === z;
}

function power(base: bigint, exponent: bigint): bigint {
  let [result, squared] = [1n, base];
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = mod(result * squared);
    squared = mod(squared * squared);
  }
  return result;
}

function mod(value: bigint): bigint {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}
