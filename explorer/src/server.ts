// Drawing by the server that the page came from, while the worker may still read.

const AT_ONCE = 32; // pictures that it draws for one request

/** Codes and styles, row by row, as the server takes them. */
export function rowsOf(code: Float32Array, style: Float32Array, count: number): Float32Array<ArrayBuffer> {
  const [columns, width] = [code.length / count, style.length / count];
  const rows = new Float32Array(code.length + style.length);
  for (let n = 0; n < count; n++) {
    rows.set(code.subarray(n * columns, (n + 1) * columns), n * (columns + width));
    rows.set(style.subarray(n * width, (n + 1) * width), n * (columns + width) + columns);
  }
  return rows;
}

export class Server {
  private last: Promise<unknown> = Promise.resolve(); // one request after the other

  constructor(private address: string) {}

  /** The pictures; null where it has no time, or was stopped: the page then draws by itself. */
  draw(code: Float32Array, style: Float32Array, count: number): Promise<Float32Array | null> {
    if (count > AT_ONCE) return Promise.resolve(null);
    const ask = async () => {
      try {
        const answer = await fetch(this.address, { method: "POST", body: rowsOf(code, style, count) });
        return answer.ok ? new Float32Array(await answer.arrayBuffer()) : null;
      } catch {
        return null;
      }
    };
    const mine = this.last.then(ask);
    this.last = mine;
    return mine;
  }
}
