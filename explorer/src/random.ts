// Normal numbers for styles.

export function normal(count: number, random = Math.random): Float32Array {
  const drawn = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const radius = Math.sqrt(-2 * Math.log(1 - random())); // Box and Muller
    drawn[i] = radius * Math.cos(2 * Math.PI * random());
  }
  return drawn;
}

export const pick = <T>(from: readonly T[], random = Math.random): T =>
  from[Math.floor(random() * from.length)]!;

/** A generator of its own, so that measurements can be repeated (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
