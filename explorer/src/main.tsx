// Starts the page: its data, the model, and what the address asks for.
import { render } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { App } from "./App";
import { usualOf } from "./code";
import { Observed, ToolsContext, type Overlay, type Tools } from "./context";
import { usualCodes, type PageData } from "./data";
import { Engine, type Seen } from "./engine";
import { pick } from "./random";
import { fromFragment, type Shared } from "./share";
import { Store, otherStyle } from "./store";
import "./style.css";
import { preferred, sayer, type Language } from "./words";

const SHOWN = 6000; // ms that a message stays

interface Begun {
  data: PageData;
  engine: Engine;
  store: Store;
  codes: Float32Array[];
  broken: boolean; // the link that led here
}

function Root({ begun, first }: { begun: Begun; first: Language }) {
  const [language, speak] = useState(first);
  const say = useMemo(() => sayer(language), [language]);
  const [message, tell] = useState(begun.broken ? say("brokenLink") : "");
  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    document.title = say("title", { name: begun.data.name });
  }, [language]);
  useEffect(() => {
    if (!message) return;
    const waiting = setTimeout(() => tell(""), SHOWN);
    return () => clearTimeout(waiting);
  }, [message]);
  const fixed = useMemo(() => {
    const { data, engine, store, codes } = begun;
    const usual = new Map(data.about.attributes.map((each) => [each.name, usualOf(each, codes)]));
    return {
      data,
      engine,
      store,
      codes,
      usual,
      seen: new Observed<Seen | null>(null),
      overlay: new Observed<Overlay>({ map: null, limit: 1, place: null }),
      pointed: new Observed<number | null>(null),
      label: (attribute: { name: string; label: string }) =>
        store.state.aliases[attribute.name] || attribute.label.replaceAll("_", " "),
      tell,
    };
  }, [begun]);
  const tools: Tools = useMemo(() => ({ ...fixed, say }), [fixed, say]);
  return (
    <ToolsContext.Provider value={tools}>
      <App language={language} speak={speak} message={message} />
    </ToolsContext.Provider>
  );
}

/** What the address asks for, or a sample of the data. */
function asked(data: PageData, codes: Float32Array[]): { shared: Shared; broken: boolean } {
  const { columns, style } = data.about;
  let broken = false;
  try {
    const shared = fromFragment(location.hash, columns, style);
    if (shared) return { shared, broken };
  } catch {
    broken = true;
  }
  const fresh = { code: pick(codes).slice(), style: otherStyle(style) };
  return { shared: { ...fresh, view: "draw", pinned: null }, broken };
}

async function start(): Promise<void> {
  const root = document.getElementById("app")!;
  const language = preferred(navigator.languages);
  const say = sayer(language);
  root.textContent = say("starting");
  const fail = (error: unknown) => {
    render(null, root);
    const reason = error instanceof Error ? error.message : String(error);
    root.textContent = say("failed", { error: reason });
    root.setAttribute("role", "alert");
  };
  try {
    const data = JSON.parse(document.getElementById("data")!.textContent!) as PageData;
    const engine = await Engine.start(data);
    const codes = usualCodes(data);
    const { shared, broken } = asked(data, codes);
    const store = new Store({
      look: { code: shared.code, style: shared.style },
      view: shared.view,
      locked: new Set(),
      styleLocked: false,
      photo: null,
      tests: {},
      keepDetails: true,
      pinned: shared.pinned,
      aliases: {},
      attribute: null,
    });
    addEventListener("hashchange", () => {
      const again = asked(data, codes);
      if (again.broken) return;
      const { view, pinned, ...look } = again.shared;
      store.set({ view, pinned, look });
    });
    root.textContent = "";
    render(<Root begun={{ data, engine, store, codes, broken }} first={language} />, root);
    await engine.ready;
  } catch (error) {
    fail(error);
  }
}

void start();
