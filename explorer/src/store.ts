// The state of the page: what is asked for, and the way back.
import { normal, pick } from "./random";
import type { Reading } from "./readings";

export interface Look {
  code: Float32Array;
  style: Float32Array;
}

/** A photograph as it was read. */
export interface Mine {
  image: Float32Array;
  original: Uint8ClampedArray;
  readings: Reading[];
  strange: number; // above 1: unlike the training images
}

/** A photograph that is being edited: what the model cannot draw of it is laid over. */
export interface Photo extends Mine {
  redrawn: Uint8ClampedArray;
  details: Float32Array; // image − what the model draws of it
  look: Look; // what was read
}

export interface State {
  look: Look;
  view: string;
  locked: ReadonlySet<string>; // attributes that shuffling keeps
  styleLocked: boolean;
  photo: Photo | null;
  keepDetails: boolean;
  pinned: (Look & { details?: Float32Array | undefined }) | null; // A of A | B
  aliases: Readonly<Record<string, string>>;
  tests: Readonly<Record<string, { done: number; hits: number }>>; // whether one sees an attribute
  attribute: string | null; // whose page was asked for
}

const PAUSE = 600; // ms after which a further change is a step of its own
const STEPS = 200;

export class Store {
  private heard = new Set<() => void>();
  private past: Look[] = [];
  private future: Look[] = [];
  private changed = 0;

  constructor(public state: State) {}

  subscribe(hear: () => void): () => void {
    this.heard.add(hear);
    return () => this.heard.delete(hear);
  }

  set(change: Partial<State>): void {
    this.state = { ...this.state, ...change };
    for (const hear of this.heard) hear();
  }

  /** Ask for another picture. Changes that follow at once, as of a slider, are one step. */
  look(change: Partial<Look>, now = Date.now()): void {
    if (now - this.changed > PAUSE) {
      this.past = [...this.past.slice(-STEPS), this.state.look];
    }
    this.changed = now;
    this.future = [];
    this.set({ look: { ...this.state.look, ...change } });
  }

  /** The next change is a step of its own. */
  settle(): void {
    this.changed = 0;
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  undo(): void {
    const before = this.past.pop();
    if (!before) return;
    this.future.push(this.state.look);
    this.settle();
    this.set({ look: before });
  }

  redo(): void {
    const after = this.future.pop();
    if (!after) return;
    this.past.push(this.state.look);
    this.settle();
    this.set({ look: after });
  }
}

/** A code of the data in which the columns of locked attributes stay as they are. */
export function otherCode(
  codes: readonly Float32Array[],
  code: Float32Array,
  kept: readonly [number, number][],
  random = Math.random,
): Float32Array {
  const drawn = pick(codes, random).slice();
  for (const [start, stop] of kept) drawn.set(code.subarray(start, stop), start);
  return drawn;
}

export const otherStyle = (length: number): Float32Array => normal(length);
