// What page and worker say to each other.

export type Outputs = Record<string, Float32Array>;
export type Part = string | ArrayBuffer; // base64 or bytes, gzipped

export interface Start {
  id: number;
  kind: "start";
  runtime: string;
  wasm: Part;
  draw: Part;
  read: Part;
  size: number;
  channels: number;
  server: string | null; // the address that draws
}

/** Draw, and where `read` is set also read and judge against `claim`, by default the code. */
export interface Draw {
  id: number;
  kind: "draw";
  code: Float32Array;
  style: Float32Array;
  count: number;
  details?: Float32Array | undefined; // added to each picture
  read: boolean;
  claim?: Float32Array | undefined;
}

export interface Read {
  id: number;
  kind: "read";
  image: Float32Array;
  code: Float32Array;
  count: number;
}

export type Request = Start | Draw | Read;

export type Answer =
  | { id: number; kind: "drawn"; pixels?: Uint8ClampedArray; image?: Float32Array }
  | { id: number; kind: "done"; pixels?: Uint8ClampedArray; image?: Float32Array; outputs?: Outputs }
  | { id: number; kind: "failed"; error: string };
