// What the page is told about a model, as Python's `page_data` writes it.

export type Kind = "binary" | "categorical" | "continuous";

export interface Attribute {
  name: string;
  label: string;
  kind: Kind;
  levels: string[];
  range: [number, number] | null;
  unit: string;
  description: string;
  group: string;
  source: "named" | "discovered";
  scope: "local" | "global";
  columns: [number, number];
}

/** The graphs' inputs and outputs; see `description` in onnx_files.py. */
export interface About {
  format: number;
  version: string;
  model: string;
  size: number;
  channels: number;
  style: number;
  typical: number;
  explains: boolean;
  levels: number; // of evidence; the first claims places, the others see the whole picture
  patches: [number, number][]; // the pixels that each row or column of places sees
  columns: number;
  attributes: Attribute[];
  steered: string[];
}

/** Mean terms of pictures that the model draws, and their scores, to compare a decision with. */
export interface Means {
  logits: number[]; // ascending
  agreement: number[];
  realism: number[];
  residual: number;
  bias: number;
  agreement_levels: number[][]; // attribute × level
  realism_levels: number[][];
  agreement_map: string; // base64 of float32, (local named attributes, places²)
  realism_map: string;
}

export interface Reference {
  count: number;
  asked: Means; // judged against what was asked
  read: Means; // judged against what is read in them
}

export interface Claim {
  name: string;
  says: string;
  verdict: "pass" | "fail" | "cannot tell" | "withheld" | "reported";
  by_construction: boolean;
  headline: Headline | null; // null where nothing was measured
  figures: string[];
  reason: string; // why nothing is claimed, or how to read the figures
}

/** The number that decides a claim, and what was wanted of it. */
export interface Headline {
  name: string;
  value: string;
  relation: "at least" | "at most" | "above" | null;
  threshold: string;
}

/** Rows are the edited attributes, columns those that changed besides. */
export interface Leakage {
  names: string[];
  rate: (number | null)[][];
  low: (number | null)[][];
  high: (number | null)[][];
  data: (number | null)[][];
  above: (boolean | null)[][];
  edits: number[]; // that worked, by row
  unchecked: string[]; // names that no second network reads reliably
  unread: Record<string, number | null>; // not among the names: how often they are read right
}

export interface Card {
  claims: Claim[];
  success: Record<string, [number, number, number]>; // share that shows when asked, its interval
  leakage: Leakage | null;
  judged_by: string;
}

export interface PageData {
  name: string;
  about: About;
  codes: string; // base64 of int8, 127 is 1: codes that are usual in the data, (rows, columns)
  reference: Reference | null;
  footprint: { layers: string[]; shares: number[][] }; // attribute × layer
  card: Card | null;
  curves: { images: number[]; series: Record<string, (number | null)[]> }; // by name in the log
  notes: string[];
  licences: string; // of what the page holds beside the model
  served: boolean;
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

export function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

export const floats = (text: string): Float32Array => new Float32Array(fromBase64(text).buffer);

/** The codes that are usual in the data, one row each. */
export function usualCodes(data: PageData): Float32Array[] {
  const packed = new Int8Array(fromBase64(data.codes).buffer);
  const width = data.about.columns;
  return Array.from({ length: packed.length / width }, (_, row) =>
    Float32Array.from(packed.subarray(row * width, (row + 1) * width), (each) => each / 127),
  );
}
