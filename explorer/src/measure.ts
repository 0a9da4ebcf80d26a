// What an attribute does, measured in the browser: what is read before and after it is set.
import { usualCodes, type About, type Attribute, type PageData } from "./data";
import type { Engine } from "./engine";
import { moved } from "./pixels";
import { normal, pick, seeded } from "./random";
import { differ, readingOf, wilson, type Reading } from "./readings";
import { withValue, type Value } from "./code";
import type { Say } from "./words";

export const SAMPLES = 64;
const AT_ONCE = 8;

export interface Rate {
  attribute: Attribute;
  hits: number;
  trials: number;
  share: number;
  low: number;
  high: number;
}

export interface Effects {
  reached: { target: string; rate: Rate }[]; // of a named attribute itself
  besides: Rate[]; // the most frequent flips first
  change: Float32Array; // how far each pixel moves, mean over samples and targets, 0 to 2
}

interface Target {
  label: string;
  value: Value;
}

/** The values that are set: both sides, every level, or both ends. */
export function targetsOf(attribute: Attribute, say: Say): Target[] {
  if (attribute.kind === "categorical") {
    return attribute.levels.map((level) => ({ label: level, value: level }));
  }
  if (attribute.kind === "binary") {
    return [
      { label: say("yes"), value: 1 },
      { label: say("no"), value: -1 },
    ];
  }
  const [low, high] = attribute.range ?? [-1, 1];
  return [
    { label: `${low} ${attribute.unit}`.trim(), value: -1 },
    { label: `${high} ${attribute.unit}`.trim(), value: 1 },
  ];
}

const rate = (attribute: Attribute, hits: number, trials: number): Rate => {
  const [low, high] = wilson(hits, trials);
  return { attribute, hits, trials, share: trials ? hits / trials : 0, low, high };
};

/** Set an attribute on samples of the data and read everything before and after. What flips besides
 * is counted as the card does: of edits that worked, numbers from a third of the range on. */
export async function measure(
  engine: Engine,
  data: PageData,
  attribute: Attribute,
  say: Say,
  progress: (share: number) => void,
): Promise<Effects> {
  const { about } = data;
  const targets = targetsOf(attribute, say);
  const named = about.attributes.filter((each) => each.source === "named");
  const others = named.filter((each) => each !== attribute);
  const flips = new Map(others.map((each) => [each.name, [0, 0] as [number, number]]));
  const reached = targets.map(() => [0, 0] as [number, number]);
  const change = new Float32Array(about.size ** 2);
  const chance = seeded(1);
  const codes = usualCodes(data);
  for (let done = 0; done < SAMPLES; done += AT_ONCE) {
    const code = many(about.columns, () => pick(codes, chance));
    const style = normal(AT_ONCE * about.style, chance);
    const draw = (asked: Float32Array) =>
      engine.draw({ code: asked, style: style.slice(), count: AT_ONCE, read: true });
    const before = await draw(code.slice());
    const was = readAll(about, named, before.outputs!["reading"]!, say);
    for (const [n, target] of targets.entries()) {
      const edited = many(about.columns, (i) => withValue(attribute, row(code, about.columns, i), target.value));
      const after = await draw(edited);
      const is = readAll(about, named, after.outputs!["reading"]!, say);
      for (let i = 0; i < AT_ONCE; i++) {
        const mine = named.indexOf(attribute);
        if (mine >= 0 && shows(was[i]![mine]!, attribute, target)) continue;
        if (mine >= 0) {
          const worked = shows(is[i]![mine]!, attribute, target);
          tally(reached[n]!, worked);
          if (!worked) continue;
        }
        named.forEach((each, k) => {
          if (each !== attribute) tally(flips.get(each.name)!, differ(was[i]![k]!, is[i]![k]!, THIRD));
        });
      }
      const length = before.image.length / AT_ONCE;
      for (let i = 0; i < AT_ONCE; i++) {
        const [one, other] = [before.image, after.image].map((each) => each.subarray(i * length, (i + 1) * length));
        moved(one!, other!, about.channels).forEach((each, p) => (change[p] = change[p]! + each / (SAMPLES * targets.length)));
      }
    }
    progress((done + AT_ONCE) / SAMPLES);
  }
  const besides = others.map((each) => rate(each, ...flips.get(each.name)!)).sort((a, b) => b.share - a.share);
  const own = attribute.source === "named" ? targets.map((target, n) => ({ target: target.label, rate: rate(attribute, ...reached[n]!) })) : [];
  return { reached: own, besides, change };
}

const row = (values: Float32Array, width: number, n: number) => values.subarray(n * width, (n + 1) * width).slice();

function many(width: number, make: (n: number) => Float32Array): Float32Array {
  const whole = new Float32Array(AT_ONCE * width);
  for (let n = 0; n < AT_ONCE; n++) whole.set(make(n), n * width);
  return whole;
}

const readAll = (about: About, named: Attribute[], readings: Float32Array, say: Say): Reading[][] =>
  Array.from({ length: AT_ONCE }, (_, n) => named.map((each) => readingOf(each, row(readings, about.columns, n), say)));

const tally = (counts: [number, number], hit: boolean) => {
  counts[0] += hit ? 1 : 0;
  counts[1] += 1;
};

const THIRD = 1 / 3;
const END = THIRD / 2; // of a range: as near to the end that was asked for counts as reached

function shows(reading: Reading, attribute: Attribute, target: Target): boolean {
  if (attribute.kind === "categorical") return attribute.levels[reading.value] === target.value;
  if (attribute.kind === "binary") return (reading.value > 0) === (Number(target.value) > 0);
  return Number(target.value) > 0 ? reading.share > 1 - END : reading.share < END;
}
