// Runs the two graphs outside the page's own thread.
import { fromBase64 } from "./data";
import type { Answer, Draw, Outputs, Read, Request, Start } from "./messages";
import { toPixels } from "./pixels";

interface Tensor {
  data: Float32Array;
}
interface Session {
  run(feeds: Record<string, Tensor>): Promise<Record<string, Tensor>>;
}
interface Runtime {
  env: { wasm: { numThreads: number; wasmBinary: ArrayBuffer }; logLevel: string };
  Tensor: new (type: "float32", data: Float32Array, shape: number[]) => Tensor;
  InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> };
}

let ort: Runtime;
let draws: Session;
let reads: Session;
let size = 0;
let channels = 3;
let server: string | null = null; // draws faster than this worker, where there is one

const AT_ONCE = 32; // pictures that a server draws for one request

const send = (answer: Answer, moved: Transferable[] = []) =>
  (self as unknown as Worker).postMessage(answer, moved);

async function unpacked(part: string | ArrayBuffer): Promise<ArrayBuffer> {
  const bytes = typeof part === "string" ? fromBase64(part) : new Uint8Array(part);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

async function start(message: Start): Promise<void> {
  ({ size, channels, server } = message);
  if (server) send({ id: message.id, kind: "drawn" });
  const source = new Blob([message.runtime], { type: "text/javascript" });
  const binary = unpacked(message.wasm);
  ort = (await import(/* @vite-ignore */ URL.createObjectURL(source))) as Runtime;
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmBinary = await binary;
  ort.env.logLevel = "error";
  const options = { executionProviders: ["wasm"], graphOptimizationLevel: "all" };
  draws = await ort.InferenceSession.create(new Uint8Array(await unpacked(message.draw)), options);
  if (!server) send({ id: message.id, kind: "drawn" });
  reads = await ort.InferenceSession.create(new Uint8Array(await unpacked(message.read)), options);
  send({ id: message.id, kind: "done" });
}

/** What a server draws; null where there is none, or where it has no time. */
async function drawnElsewhere(code: Float32Array, style: Float32Array, count: number) {
  if (!server || count > AT_ONCE) return null;
  const [columns, width] = [code.length / count, style.length / count];
  const rows = new Float32Array(code.length + style.length);
  for (let n = 0; n < count; n++) {
    rows.set(code.subarray(n * columns, (n + 1) * columns), n * (columns + width));
    rows.set(style.subarray(n * width, (n + 1) * width), n * (columns + width) + columns);
  }
  try {
    const answer = await fetch(server, { method: "POST", body: rows });
    return answer.ok ? new Float32Array(await answer.arrayBuffer()) : null;
  } catch {
    return null; // the server was stopped: the page goes on alone
  }
}

const tensor = (data: Float32Array, ...shape: number[]) => new ort.Tensor("float32", data, shape);

async function draw(code: Float32Array, style: Float32Array, count: number): Promise<Float32Array> {
  const found = await drawnElsewhere(code, style, count);
  if (found) return found;
  await started; // by now the page may be without its server
  const feeds = {
    code: tensor(code, count, code.length / count),
    style: tensor(style, count, style.length / count),
  };
  return (await draws.run(feeds))["image"]!.data;
}

async function read(image: Float32Array, code: Float32Array, count: number): Promise<Outputs> {
  await started;
  const found = await reads.run({
    image: tensor(image, count, channels, size, size),
    code: tensor(code, count, code.length / count),
  });
  return Object.fromEntries(Object.entries(found).map(([name, each]) => [name, each.data]));
}

async function answer(message: Draw | Read): Promise<void> {
  const { id } = message;
  if (message.kind === "read") {
    const outputs = await read(message.image, message.code, message.count);
    return send({ id, kind: "done", outputs });
  }
  const image = await draw(message.code, message.style, message.count);
  const { details } = message;
  if (details) {
    for (let i = 0; i < image.length; i++) {
      image[i] = Math.min(1, Math.max(-1, image[i]! + details[i % details.length]!));
    }
  }
  const pixels = toPixels(image, size, channels);
  if (!message.read) return send({ id, kind: "done", pixels, image }, [pixels.buffer]);
  send({ id, kind: "drawn", pixels, image }, [pixels.buffer]);
  send({ id, kind: "done", outputs: await read(image, message.claim ?? message.code, message.count) });
}

let last: Promise<void> = Promise.resolve(); // one after the other
let started: Promise<void> = last;
self.onmessage = (event: MessageEvent<Request>) => {
  const message = event.data;
  if (message.kind === "start") {
    started = start(message);
    started.catch((error) => send({ id: message.id, kind: "failed", error: String(error) }));
    return;
  }
  last = last
    .then(() => answer(message))
    .catch((error) => send({ id: event.data.id, kind: "failed", error: String(error) }));
};
