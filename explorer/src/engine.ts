// The model, as the page sees it: promises in front of the worker.
import type { PageData } from "./data";
import type { Answer, Draw, Outputs, Part, Read, Request } from "./messages";

export interface Seen {
  pixels: Uint8ClampedArray;
  image: Float32Array;
  outputs?: Outputs;
}

/** A large part of the page: inline in one file, else beside it on the server. */
async function part(name: string): Promise<Part> {
  const inline = document.getElementById(`part-${name}`);
  if (inline) return inline.textContent!.trim();
  const answer = await fetch(`parts/${name}`);
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  return answer.arrayBuffer();
}

const text = (found: Part): string =>
  typeof found === "string"
    ? new TextDecoder().decode(Uint8Array.from(atob(found), (each) => each.charCodeAt(0)))
    : new TextDecoder().decode(found);

interface Waiting {
  drawn?: ((seen: Seen) => void) | undefined;
  done: (answer: Answer & { kind: "done" }) => void;
  failed: (error: Error) => void;
}

export class Engine {
  /** Resolves when it can read as well; fails where that part is damaged. */
  ready: Promise<void> = Promise.resolve();
  private waiting = new Map<number, Waiting>();
  private next = 0;
  private constructor(private worker: Worker) {
    worker.onmessage = (event: MessageEvent<Answer>) => this.hear(event.data);
    worker.onerror = (event) => {
      for (const each of this.waiting.values()) each.failed(new Error(event.message));
    };
  }

  /** Start the model; resolves when it can draw, a little before it can read. */
  static async start({ about, served }: PageData): Promise<Engine> {
    const [worker, runtime, wasm, draw, read] = await Promise.all(
      ["worker", "runtime", "wasm", "draw", "read"].map(part),
    );
    const source = URL.createObjectURL(new Blob([text(worker!)], { type: "text/javascript" }));
    const engine = new Engine(new Worker(source));
    const { size, channels } = about;
    const server = served ? new URL("draw", location.href).href : null;
    const given = { runtime: text(runtime!), wasm: wasm!, draw: draw!, read: read!, size, channels, server };
    await new Promise<void>((draws, failed) => {
      engine.ready = new Promise<void>((reads, lost) => {
        engine.ask(
          { id: 0, kind: "start", ...given },
          {
            drawn: () => draws(),
            done: () => reads(),
            failed: (error) => {
              failed(error);
              lost(error);
            },
          },
        );
      });
      engine.ready.catch(() => undefined); // whoever waits for it hears of it
    });
    return engine;
  }

  /** Draw so many pictures; `drawn` hears of them before they were read. */
  draw(asked: Omit<Draw, "id" | "kind">, drawn?: (seen: Seen) => void): Promise<Seen> {
    return new Promise((resolve, failed) => {
      let seen: Seen | undefined;
      this.ask(
        { ...asked, id: 0, kind: "draw" },
        {
          drawn: (found) => {
            seen = found;
            drawn?.(found);
          },
          done: (answer) => {
            if (seen) return resolve({ ...seen, outputs: answer.outputs! });
            const found = { pixels: answer.pixels!, image: answer.image! };
            drawn?.(found);
            resolve(found);
          },
          failed,
        },
      );
    });
  }

  read(asked: Omit<Read, "id" | "kind">): Promise<Outputs> {
    return new Promise((resolve, failed) => {
      const done = (answer: Answer & { kind: "done" }) => resolve(answer.outputs!);
      this.ask({ ...asked, id: 0, kind: "read" }, { done, failed });
    });
  }

  private ask(request: Request, waiting: Waiting): void {
    const id = ++this.next;
    this.waiting.set(id, waiting);
    this.worker.postMessage({ ...request, id });
  }

  private hear(answer: Answer): void {
    const waiting = this.waiting.get(answer.id);
    if (!waiting) return;
    if (answer.kind === "drawn") {
      return waiting.drawn?.({ pixels: answer.pixels!, image: answer.image! });
    }
    this.waiting.delete(answer.id);
    if (answer.kind === "failed") waiting.failed(new Error(answer.error));
    else waiting.done(answer);
  }
}

/** Runs one job at a time and, of those that come meanwhile, only the last. */
export class Latest {
  private busy = false;
  private pending: (() => Promise<void>) | undefined;

  constructor(private tell: (busy: boolean) => void = () => undefined) {}

  async run(job: () => Promise<void>): Promise<void> {
    if (this.busy) {
      this.pending = job;
      return;
    }
    this.busy = true;
    this.tell(true);
    try {
      for (let next: typeof this.pending = job; next; next = this.pending) {
        this.pending = undefined;
        await next();
      }
    } finally {
      this.busy = false;
      this.tell(false);
    }
  }
}
