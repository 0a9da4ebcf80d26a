// A small model that is known in full.
import type { About, Attribute } from "../src/data";
import { sayer } from "../src/words";

const attribute = (name: string, columns: [number, number], more: Partial<Attribute> = {}): Attribute => ({
  name,
  label: name,
  kind: "binary",
  levels: [],
  range: null,
  unit: "",
  description: "",
  group: "",
  source: "named",
  scope: "local",
  columns,
  ...more,
});

export const smiling = attribute("smiling", [0, 1]);
export const hair = attribute("hair", [1, 4], { kind: "categorical", levels: ["black", "blond", "red"] });
export const age = attribute("age", [4, 5], { kind: "continuous", range: [0, 90], unit: "years", scope: "global" });
export const found = attribute("d00", [5, 6], { kind: "continuous", range: [-1, 1], source: "discovered" });

export const about: About = {
  format: 1,
  version: "0",
  model: "gan",
  size: 32,
  channels: 3,
  style: 2,
  typical: 1,
  explains: true,
  levels: 1,
  patches: [
    [0, 10],
    [0, 14],
    [2, 18],
    [6, 22],
    [10, 26],
    [14, 30],
    [18, 32],
    [22, 32],
  ],
  columns: 6,
  attributes: [smiling, hair, age, found],
  steered: [],
};

export const code = Float32Array.of(1, -1, 1, -1, 0, 0.25);
export const say = sayer("en");
