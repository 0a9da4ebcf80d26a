// Attributes ↔ columns of codes; what is usual in the data.
import type { Attribute } from "./data";
import type { Say } from "./words";

export type Value = number | string;

/** A column −1 … 1, a level, or a number in the attribute's unit. */
export function valueOf(attribute: Attribute, code: Float32Array): Value {
  const [start, stop] = attribute.columns;
  if (attribute.kind === "categorical") {
    return attribute.levels[strongest(code.subarray(start, stop))] ?? "";
  }
  const column = code[start] ?? 0;
  if (!attribute.range || attribute.source === "discovered") return column;
  const [low, high] = attribute.range;
  return low + ((column + 1) / 2) * (high - low);
}

/** A copy of a code in which one attribute has a column's value, or a level in full. */
export function withValue(attribute: Attribute, code: Float32Array, value: Value): Float32Array {
  const changed = code.slice();
  const [start, stop] = attribute.columns;
  if (attribute.kind === "categorical") {
    const level = attribute.levels.indexOf(String(value));
    for (let c = start; c < stop; c++) changed[c] = c - start === level ? 1 : -1;
  } else {
    changed[start] = Math.min(1, Math.max(-1, Number(value)));
  }
  return changed;
}

export function strongest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

/** What is asked for, in words: a side, and how strongly where not in full, a level, or a number. */
export function worded(attribute: Attribute, code: Float32Array, say: Say): string {
  const value = valueOf(attribute, code);
  if (typeof value === "string") return value;
  if (attribute.kind === "binary") {
    const share = percent(Math.abs(value));
    const side = say(value > 0 ? "yes" : "no");
    if (share === percent(0)) return say("neither");
    return share === percent(1) ? side : say("strength", { side, share });
  }
  if (attribute.source === "discovered") return signed(value, 2);
  const digits = attribute.range && attribute.range[1] - attribute.range[0] < 10 ? 1 : 0;
  return `${fixed(value, digits)} ${attribute.unit}`.trim();
}

export const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** Digits without the minus of −0. */
export const fixed = (value: number, digits: number): string =>
  value.toFixed(digits).replace(/^-(0(\.0*)?)$/, "$1").replace("-", "−");

export const signed = (value: number, digits = 2): string =>
  `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;

/** How often each side or level occurs, and the columns between which 95 % of the data lie. */
export interface Usual {
  low: number;
  high: number;
  frequency: number[]; // of the levels, or of off and on
}

export const RARE = 0.025;

export function usualOf(attribute: Attribute, codes: Float32Array[]): Usual {
  const [start, stop] = attribute.columns;
  if (attribute.kind === "categorical") {
    const frequency = attribute.levels.map(() => 0);
    for (const code of codes) {
      const level = strongest(code.subarray(start, stop));
      frequency[level] = frequency[level]! + 1 / codes.length;
    }
    return { low: -1, high: 1, frequency };
  }
  const column = codes.map((code) => code[start]!).sort((a, b) => a - b);
  const at = (share: number) => column[Math.round(share * (column.length - 1))] ?? 0;
  const on = column.filter((each) => each > 0).length / Math.max(column.length, 1);
  return { low: at(RARE), high: at(1 - RARE), frequency: [1 - on, on] };
}

/** Whether fewer than one in forty of the data are like this. */
export function isUnusual(attribute: Attribute, usual: Usual, code: Float32Array): boolean {
  const [start, stop] = attribute.columns;
  if (attribute.kind === "categorical") {
    return usual.frequency[strongest(code.subarray(start, stop))]! < RARE;
  }
  const column = code[start]!;
  if (attribute.kind === "binary") return usual.frequency[column > 0 ? 1 : 0]! < RARE;
  return column < usual.low - 0.02 || column > usual.high + 0.02;
}
