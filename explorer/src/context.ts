// What every view works with.
import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import type { Usual } from "./code";
import type { Attribute, PageData } from "./data";
import type { Engine, Seen } from "./engine";
import type { State, Store } from "./store";
import type { Say } from "./words";

/** What lies over the picture: 8×8 places in colour, and a marked place. */
export interface Overlay {
  map: Float32Array | null;
  limit: number;
  place: number | null;
}

export interface Tools {
  data: PageData;
  engine: Engine;
  store: Store;
  codes: Float32Array[];
  usual: Map<string, Usual>;
  say: Say;
  seen: Observed<Seen | null>;
  overlay: Observed<Overlay>;
  pointed: Observed<number | null>; // the place that a person points at
  label: (attribute: Attribute) => string;
  tell: (message: string) => void; // a message that fades, also read aloud
}

/** A value that views follow without drawing the whole page anew. */
export class Observed<T> {
  private heard = new Set<(value: T) => void>();
  constructor(public value: T) {}
  set(value: T): void {
    this.value = value;
    for (const hear of this.heard) hear(value);
  }
  subscribe(hear: (value: T) => void): () => void {
    this.heard.add(hear);
    return () => this.heard.delete(hear);
  }
}

export const ToolsContext = createContext<Tools>(null as unknown as Tools);
export const useTools = (): Tools => useContext(ToolsContext);

export function useObserved<T>(observed: Observed<T>): T {
  const [value, set] = useState(observed.value);
  useEffect(() => {
    set(() => observed.value);
    return observed.subscribe((each) => set(() => each));
  }, [observed]);
  return value;
}

export function useStore(): State {
  const { store } = useTools();
  const [state, set] = useState(store.state);
  useEffect(() => {
    set(store.state);
    return store.subscribe(() => set(store.state));
  }, [store]);
  return state;
}
