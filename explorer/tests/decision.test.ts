import { expect, test } from "vitest";
import { decisionOf, levelsOf, mapsOf, patch, rank, weightiest, wholeLevels, wholeMap } from "../src/decision";
import { toBase64 } from "../src/data";
import { about } from "./world";

const places = (...rows: number[]) => Float32Array.from(rows.flatMap((row) => Array(64).fill(row / 64)));
const outputs = {
  logit: Float32Array.of(2.25),
  bias: Float32Array.of(0.5),
  residual: Float32Array.of(-0.25),
  agreement: Float32Array.of(1, -0.5, 0.25), // smiling, hair, age
  realism: Float32Array.of(0.5, 0.25, 0.25, 0.25), // and d00
  agreement_map: places(1, -0.5), // age claims no place
  realism_map: places(0.5, 0.25, 0.25),
  reading: new Float32Array(6),
};
const base64 = (values: Float32Array) => toBase64(new Uint8Array(values.buffer));
const means = {
  logits: [1, 2],
  agreement: [0.5, 0, 0],
  realism: [0, 0, 0, 0.25],
  residual: 0.25,
  bias: 0.5,
  agreement_levels: [[0.5], [0], [0]],
  realism_levels: [[0], [0], [0], [0.25]],
  agreement_map: base64(places(0.5, 0)),
  realism_map: base64(places(0, 0, 0.25)),
};

test("the parts add up to the logit", () => {
  const found = decisionOf(about, outputs, null);
  expect(found.sum).toBeCloseTo(found.logit);
  expect(found.bars.map((bar) => bar.total)).toEqual([1.5, -0.25, 0.5, 0.25]);
  const bars = found.bars.reduce((sum, bar) => sum + bar.total, 0);
  expect(found.bias + bars + found.residual).toBeCloseTo(2.25);
  expect(found.shares.named + found.shares.discovered + found.shares.residual).toBeCloseTo(1);
});

test("against other pictures each term loses their mean, and the sum stays exact", () => {
  const found = decisionOf(about, outputs, means);
  expect(found.bars[0]!.agreement).toBe(0.5);
  expect(found.bars[3]!.total).toBe(0);
  expect(found.bias).toBe(0);
  expect(found.sum).toBeCloseTo(found.logit);
});

test("a map sums to its bar; what claims no place has none", () => {
  for (const reference of [null, means]) {
    const maps = mapsOf(about, outputs, reference);
    const { bars } = decisionOf(about, outputs, reference);
    expect([...maps.keys()]).toEqual(["smiling", "hair", "d00"]);
    for (const bar of bars.filter((each) => maps.has(each.attribute.name))) {
      const sum = maps.get(bar.attribute.name)!.reduce((total, each) => total + each, 0);
      expect(sum).toBeCloseTo(bar.total, 5);
    }
    expect(wholeMap(maps)).toHaveLength(64);
  }
});

test("levels add up to the bars, with and without a reference; one level needs no telling", () => {
  expect(levelsOf(about, outputs, null).size).toBe(0);
  const two = { ...about, levels: 2 };
  const levels = {
    agreement_levels: Float32Array.of(0.75, 0.25, -0.5, 0, 0, 0.25),
    realism_levels: Float32Array.of(0.5, 0, 0.25, 0, 0, 0.25, 0.125, 0.125),
  };
  const mean = { ...means, agreement_levels: [[0.25, 0.25], [0, 0], [0, 0]], realism_levels: [[0, 0], [0, 0], [0, 0], [0.25, 0]] };
  for (const reference of [null, mean]) {
    const found = levelsOf(two, { ...outputs, ...levels }, reference);
    const { bars, agreement, realism, discovered } = decisionOf(two, outputs, reference);
    for (const bar of bars) {
      expect(found.get(bar.attribute.name)!.reduce((sum, each) => sum + each)).toBeCloseTo(bar.total);
    }
    const whole = wholeLevels(found).reduce((sum, each) => sum + each);
    expect(whole).toBeCloseTo(agreement + realism + discovered);
  }
});

test("a place sees its own square and so many pixels beyond", () => {
  expect(patch(about, 0)).toEqual([0, 0, 10 / 32, 10 / 32]);
  expect(patch(about, 9)).toEqual([0, 0, 14 / 32, 14 / 32]);
  expect(patch(about, 63)).toEqual([22 / 32, 22 / 32, 1, 1]);
});

test("what pulls a score down most is an attribute by its bar, and the larger of its parts says why", () => {
  const least = (changed: object) => weightiest(decisionOf(about, { ...outputs, ...changed }, null));
  expect(least({})).toMatchObject({ kind: "agreement", attribute: { name: "hair" }, value: -0.25 });
  expect(least({ realism: Float32Array.of(0, 0, -2, 0) })).toMatchObject({ kind: "realism", attribute: { name: "age" }, value: -1.75 });
  expect(least({ residual: Float32Array.of(-3) })).toMatchObject({ kind: "residual", attribute: null });
  const good = { agreement: Float32Array.of(1, 1, 1), residual: Float32Array.of(0) };
  expect(least(good)).toBeNull();
});

test("a score is ranked among others", () => {
  expect(rank(1.5, [1, 2])).toBe(0.5);
  expect(rank(0, [1, 2])).toBe(0);
});
