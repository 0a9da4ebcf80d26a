import { expect, test, vi } from "vitest";
import { Latest } from "../src/engine";
import { Server } from "../src/server";
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

test("a server is asked for one picture after the other, and the page goes on without it", async () => {
  const rows: number[][] = [];
  let busy = 0;
  vi.stubGlobal("fetch", async (_: string, { body }: { body: Float32Array<ArrayBuffer> }) => {
    expect(++busy).toBe(1);
    await Promise.resolve();
    busy--;
    rows.push([...body]);
    if (rows.length > 1) throw new Error("stopped");
    return new Response(Float32Array.of(0.5).buffer);
  });
  const server = new Server("draw");
  const draw = () => server.draw(Float32Array.of(1, 2), Float32Array.of(3, 4), 2);
  const [drawn, none] = await Promise.all([draw(), draw()]);
  vi.unstubAllGlobals();
  expect([...drawn!]).toEqual([0.5]);
  expect(none).toBeNull();
  expect(rows[0]).toEqual([1, 3, 2, 4]); // code and style of each picture
  expect(await server.draw(new Float32Array(33), new Float32Array(33), 33)).toBeNull(); // too many
});
