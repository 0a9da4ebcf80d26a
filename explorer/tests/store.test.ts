import { expect, test } from "vitest";
import { Latest } from "../src/engine";
import { Store, otherCode } from "../src/store";

const store = () =>
  new Store({
    look: { code: Float32Array.of(0), style: Float32Array.of(0) },
    view: "draw",
    locked: new Set(),
    styleLocked: false,
    photo: null,
    keepDetails: true,
    pinned: null,
    aliases: {},
    tests: {},
    attribute: null,
  });
const to = (value: number) => ({ code: Float32Array.of(value) });

test("a drag of a slider is one step back", () => {
  const mine = store();
  [0.1, 0.2, 0.3].forEach((value, n) => mine.look(to(value), 10_000 + 20 * n));
  mine.look(to(0.9), 20_000);
  mine.undo();
  expect(mine.state.look.code[0]).toBeCloseTo(0.3);
  mine.undo();
  expect(mine.state.look.code[0]).toBe(0);
  expect(mine.canUndo).toBe(false);
  mine.redo();
  mine.redo();
  expect(mine.state.look.code[0]).toBeCloseTo(0.9);
  expect(mine.canRedo).toBe(false);
});

test("a new step forgets what was undone", () => {
  const mine = store();
  mine.look(to(0.5), 10_000);
  mine.undo();
  mine.look(to(0.7), 20_000);
  expect(mine.canRedo).toBe(false);
});

test("a shuffled code keeps what is locked", () => {
  const drawn = otherCode([Float32Array.of(1, 1, 1)], Float32Array.of(0, 0.5, 0), [[1, 2]]);
  expect([...drawn]).toEqual([1, 0.5, 1]);
});

test("of jobs that come while one runs, only the last is done", async () => {
  const done: number[] = [];
  const latest = new Latest();
  const job = (n: number) => async () => {
    await Promise.resolve();
    done.push(n);
  };
  const first = latest.run(job(1));
  void latest.run(job(2));
  void latest.run(job(3));
  await first;
  expect(done).toEqual([1, 3]);
});

test("a job that fails does not block the next", async () => {
  const latest = new Latest();
  await expect(latest.run(() => Promise.reject(new Error("no")))).rejects.toThrow();
  let done = false;
  await latest.run(async () => {
    done = true;
  });
  expect(done).toBe(true);
});
