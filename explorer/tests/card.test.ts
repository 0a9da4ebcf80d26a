import { expect, test } from "vitest";
import { order, pairOf, sorted } from "../src/card";
import type { Claim, Leakage } from "../src/data";

const leakage: Leakage = {
  names: ["smiling", "hat", "beard"],
  rate: [
    [1, 0.2, null],
    [0.1, 1, 0],
    [0.3, 0, 1],
  ],
  low: [
    [1, 0.1, null],
    [0, 1, 0],
    [0.2, 0, 1],
  ],
  high: [
    [1, 0.3, null],
    [0.2, 1, 0.1],
    [0.4, 0.1, 1],
  ],
  data: [
    [1, 0.05, 0.5],
    [0.5, 1, 0.5],
    [0.5, 0.5, 1],
  ],
  above: [
    [false, true, false],
    [false, false, false],
    [false, false, false],
  ],
  edits: [81, 40, 12],
  unchecked: ["beard"],
  unread: { age: 0.6 },
};

test("a pair says of how many edits it is a share, and how often it is so in the data", () => {
  expect(pairOf(leakage, "smiling", "hat")).toEqual({ edits: 81, rate: 0.2, low: 0.1, high: 0.3, data: 0.05, above: true });
  expect(pairOf(leakage, "smiling", "beard")).toBeNull(); // never measured
  expect(pairOf(leakage, "hat", "hat")).toBeNull();
  expect(pairOf(leakage, "hat", "age")).toBeNull(); // nobody reads it
});

test("a column sorts the rows, the largest first", () => {
  expect(order(leakage, null)).toEqual([0, 1, 2]);
  expect(order(leakage, "smiling")).toEqual([0, 2, 1]);
  expect(order(leakage, "beard")).toEqual([2, 1, 0]);
});

test("claims that do not hold come first, and what was not tested is apart", () => {
  const claim = (name: string, verdict: Claim["verdict"], by_construction = false): Claim => ({
    name,
    says: "",
    verdict,
    by_construction,
    headline: null,
    figures: [],
    reason: "",
  });
  const all = [claim("a", "pass"), claim("b", "reported"), claim("c", "fail"), claim("d", "pass", true), claim("e", "cannot tell")];
  const { tested, others } = sorted(all);
  expect(tested.map((each) => each.name)).toEqual(["c", "e", "a"]);
  expect(others.map((each) => each.name)).toEqual(["d", "b"]);
});
