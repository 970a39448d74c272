/**
 * The key that development images are signed with: RSA of 2048 bits whose primes come from a public text, so that equal
 * builds are equal to the byte on every machine. It proves nothing, since everybody can make it; it is there so that the
 * signed form is what is built, booted and verified from the first day. Images for others are signed with a key of their
 * maker's (`--key`, `--certificate`).
 */
import { createHash, createPrivateKey } from "node:crypto";

const SEED = "Sparkler development signing key: anybody can make this key, it proves nothing";
const PRIME_BITS = 1024;
const EXPONENT = 65537n;
/** Rounds of Miller and Rabin; numbers that are not chosen by an enemy need far fewer. */
const ROUNDS = 24;

/** The private key as PKCS#8 PEM. Takes some seconds. */
export function developmentKey(): string {
  const stream = new NumberStream(SEED);
  const p = nextPrime(stream);
  const q = nextPrime(stream);
  const [big, small] = p > q ? [p, q] : [q, p];
  const d = inverse(EXPONENT, (big - 1n) * (small - 1n));
  const jwk = {
    kty: "RSA",
    n: encoded(big * small),
    e: encoded(EXPONENT),
    d: encoded(d),
    p: encoded(big),
    q: encoded(small),
    dp: encoded(d % (big - 1n)),
    dq: encoded(d % (small - 1n)),
    qi: encoded(inverse(small, big)),
  };
  return createPrivateKey({ key: jwk, format: "jwk" }).export({ type: "pkcs8", format: "pem" });
}

/** Numbers that depend on a text only: SHA-256 over the text and a counter. */
class NumberStream {
  readonly #seed: string;
  #count = 0;

  constructor(seed: string) {
    this.#seed = seed;
  }

  take(bits: number): bigint {
    let hex = "";
    for (; hex.length * 4 < bits; this.#count += 1) {
      hex += createHash("sha256").update(`${this.#seed}\n${this.#count}`).digest("hex");
    }
    return BigInt(`0x${hex.slice(0, bits / 4)}`);
  }
}

/** The first prime from a number of the stream on; its two highest bits are set, so that a product has all its bits. */
function nextPrime(stream: NumberStream): bigint {
  const top = 3n << BigInt(PRIME_BITS - 2);
  let candidate = stream.take(PRIME_BITS) | top | 1n;
  while (!isFit(candidate)) candidate += 2n;
  return candidate;
}

function isFit(candidate: bigint): boolean {
  if ((candidate - 1n) % EXPONENT === 0n) return false;
  if (SMALL_PRIMES.some((prime) => candidate % prime === 0n)) return false;
  return isPrime(candidate);
}

const SMALL_PRIMES: readonly bigint[] = Array.from({ length: 2000 }, (_, at) => at + 3)
  .filter((number) => Array.from({ length: 43 }, (_, at) => at + 2).every((by) => by >= number || number % by !== 0))
  .map(BigInt);

/** Miller and Rabin, with the small primes as bases. */
function isPrime(candidate: bigint): boolean {
  let odd = candidate - 1n;
  let halvings = 0;
  for (; odd % 2n === 0n; odd /= 2n) halvings += 1;
  return SMALL_PRIMES.slice(0, ROUNDS).every((base) => passes(base, candidate, odd, halvings));
}

function passes(base: bigint, candidate: bigint, odd: bigint, halvings: number): boolean {
  let x = power(base, odd, candidate);
  if (x === 1n || x === candidate - 1n) return true;
  for (let round = 1; round < halvings; round++) {
    x = (x * x) % candidate;
    if (x === candidate - 1n) return true;
  }
  return false;
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** Euclid's way to the number that `value` times it leaves 1. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [value % modulus, modulus, 1n, 0n];
  while (a > 1n) {
    const quotient = a / b;
    [a, b] = [b, a % b];
    [x, y] = [y, x - quotient * y];
  }
  return ((x % modulus) + modulus) % modulus;
}

function encoded(number: bigint): string {
  const hex = number.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex").toString("base64url");
}
