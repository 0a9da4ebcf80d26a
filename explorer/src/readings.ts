// What the encoder reads: probabilities, what flipped, and how sure a share is.
import { fixed, percent, strongest } from "./code";
import type { About, Attribute } from "./data";
import type { Say } from "./words";

export interface Reading {
  attribute: Attribute;
  text: string; // the level or number that is read
  share: number; // where it lies, 0 to 1, for a bar
  value: number; // on/off as 1/0, the number of a level, or a number in the attribute's unit
}

const sigmoid = (odds: number) => 1 / (1 + Math.exp(-odds));

export function readingOf(attribute: Attribute, columns: Float32Array, say: Say): Reading {
  const [start, stop] = attribute.columns;
  if (attribute.kind === "binary") {
    const share = sigmoid(columns[start]!);
    const value = say(share > 0.5 ? "yes" : "no");
    const text = say("sure", { value, share: percent(Math.max(share, 1 - share)) });
    return { attribute, text, share, value: share > 0.5 ? 1 : 0 };
  }
  if (attribute.kind === "categorical") {
    const odds = columns.subarray(start, stop);
    const most = Math.max(...odds);
    const weights = Array.from(odds, (each) => Math.exp(each - most));
    const value = strongest(odds);
    const share = weights[value]! / weights.reduce((sum, each) => sum + each, 0);
    return { attribute, text: say("sure", { value: attribute.levels[value]!, share: percent(share) }), share, value };
  }
  const column = Math.min(1, Math.max(-1, columns[start]!));
  const share = (column + 1) / 2;
  const [low, high] = attribute.range ?? [-1, 1];
  const value = low + share * (high - low);
  const digits = high - low < 10 ? 1 : 0;
  return { attribute, text: `${fixed(value, digits)} ${attribute.unit}`.trim(), share, value };
}

export const namedReadings = (about: About, columns: Float32Array, say: Say): Reading[] =>
  about.attributes
    .filter((each) => each.source === "named")
    .map((each) => readingOf(each, columns, say));

/** Whether two readings say something else; numbers where they differ by more than `step`, a share
 * of the range. */
export function differ(one: Reading, other: Reading, step = 0.1): boolean {
  if (one.attribute.kind === "continuous") return Math.abs(one.share - other.share) > step;
  return one.value !== other.value;
}

/** Whether what is read is what a code asks for; numbers within a sixth of the range, as the card
 * counts. */
export function agrees({ attribute, value, share }: Reading, code: Float32Array): boolean {
  const [start, stop] = attribute.columns;
  if (attribute.kind === "categorical") return value === strongest(code.subarray(start, stop));
  const asked = code[start]!;
  return attribute.kind === "binary" ? value > 0 === asked > 0 : Math.abs(2 * share - 1 - asked) < 1 / 3;
}

/** Ends of the 95 % interval of a share (Wilson 1927). */
export function wilson(hits: number, trials: number): [number, number] {
  if (!trials) return [0, 1];
  const z = 1.959964;
  const share = hits / trials;
  const middle = (share + z ** 2 / (2 * trials)) / (1 + z ** 2 / trials);
  const half =
    (z / (1 + z ** 2 / trials)) *
    Math.sqrt((share * (1 - share)) / trials + z ** 2 / (4 * trials ** 2));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}
