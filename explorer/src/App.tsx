// The page: the picture on one side, a view on the other.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { useStore, useTools } from "./context";
import { download, savePicture } from "./download";
import { Latest } from "./engine";
import { explanation } from "./explanation";
import { toFragment } from "./share";
import { Compare } from "./views/Compare";
import { Draw } from "./views/Draw";
import { Grid } from "./views/Grid";
import { Knows } from "./views/Knows";
import { Photo, Unlike } from "./views/Photo";
import { Actions, Stage } from "./views/Stage";
import { Why, type Asked } from "./views/Why";
import { languages, type Language } from "./words";

/** The views of the one picture that is shown. */
const OF_ONE_PICTURE = new Set(["draw", "why", "photo", "compare"]);

export const VIEWS = ["draw", "why", "photo", "grid", "compare", "knows"] as const;
export type View = (typeof VIEWS)[number];

interface Props {
  language: Language;
  speak: (language: Language) => void;
  message: string;
}

export function App({ language, speak, message }: Props) {
  const { data, store, say } = useTools();
  const state = useStore();
  const view = VIEWS.find((each) => each === state.view) ?? "draw";
  const [asked, ask] = useState<Asked>({ compared: !!data.reference, claimRead: false });
  useDrawing(view, asked);
  useFragment();
  const keys = (event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
    if ((event.target as HTMLElement).matches("input[type=search], input:not([type])")) return;
    event.preventDefault();
    if (event.shiftKey) store.redo();
    else store.undo();
  };
  return (
    <div class="page" onKeyDown={keys}>
      <a class="skip" href="#panel" onClick={(event) => skip(event)}>
        {say("skip")}
      </a>
      <Header language={language} speak={speak} />
      <main>
        <section class="stage" data-view={view} aria-label={say("picture")}>
          <Stage />
          <Actions />
          <Share />
        </section>
        <section class="panel">
          <Tabs view={view} />
          <div id="panel" role="tabpanel" aria-labelledby={`tab-${view}`} tabIndex={-1}>
            {OF_ONE_PICTURE.has(view) && <Unlike />}
            {view === "draw" && <Draw />}
            {view === "why" && <Why asked={asked} ask={ask} />}
            {view === "photo" && <Photo />}
            {view === "grid" && <Grid />}
            {view === "compare" && <Compare />}
            {view === "knows" && <Knows />}
          </div>
        </section>
      </main>
      <footer>
        {say("outside", { version: `InterpretableGAN ${data.about.version}`, model: data.about.model, count: data.about.attributes.length })}
        <details>
          <summary>{say("licences")}</summary>
          <pre lang="en" tabIndex={0}>
            {data.licences}
          </pre>
        </details>
      </footer>
      <div class="message" role="status">
        {message}
      </div>
    </div>
  );
}

function skip(event: Event) {
  event.preventDefault(); // the fragment holds the state
  document.getElementById("panel")?.focus();
}

/** Draws whatever is asked for, before the page shows the change; reads it as well where a view
 * shows that. */
function useDrawing(view: View, asked: Asked) {
  const { engine, seen, store, tell } = useTools();
  const latest = useMemo(() => new Latest(markBusy), []);
  const read = view === "why" || view === "compare";
  useLayoutEffect(() => {
    const wanted = () => {
      const { look, photo, keepDetails } = store.state;
      return { look, details: photo && keepDetails ? photo.details : undefined };
    };
    const draw = async ({ look: { code, style }, details }: ReturnType<typeof wanted>) => {
      const found = await engine.draw({ code, style, count: 1, read, details }, (drawn) => {
        if (!read) seen.set(drawn);
        else seen.set(seen.value?.outputs ? { ...drawn, outputs: seen.value.outputs } : drawn);
      });
      if (!read) return;
      if (!asked.claimRead) return seen.set(found);
      const claim = found.outputs!["read_code"]!;
      const outputs = await engine.read({ image: found.image, code: claim, count: 1 });
      seen.set({ ...found, outputs });
    };
    let last = wanted();
    const begin = () => void latest.run(() => draw(last)).catch((error: Error) => tell(error.message));
    begin();
    return store.subscribe(() => {
      const now = wanted();
      if (now.look === last.look && now.details === last.details) return;
      last = now;
      begin();
    });
  }, [read, asked.claimRead]);
}

const markBusy = (busy: boolean) =>
  document.getElementById("picture")?.setAttribute("aria-busy", String(busy));

/** Keeps the fragment of the address up to date, a little after the last change. */
function useFragment() {
  const { look, view, pinned } = useStore();
  const waiting = useRef(0);
  useEffect(() => {
    clearTimeout(waiting.current);
    waiting.current = window.setTimeout(() => {
      history.replaceState(null, "", toFragment({ ...look, view, pinned }));
    }, 400);
  }, [look, view, pinned]);
}

function Header({ language, speak }: { language: Language; speak: (language: Language) => void }) {
  const { data, say } = useTools();
  return (
    <header>
      <h1>
        <span class="logo" aria-hidden="true" /> {data.name}
      </h1>
      <div class="settings">
        <details class="help">
          <summary>{say("help")}</summary>
          <p>{say("helpText")}</p>
        </details>
        <select aria-label={say("language")} value={language} onChange={(event) => speak(event.currentTarget.value as Language)}>
          {Object.entries(languages).map(([key, name]) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </select>
        <button type="button" class="icon" aria-label={say("theme")} title={say("theme")} onClick={otherTheme}>
          <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.5" />
            <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" />
          </svg>
        </button>
      </div>
    </header>
  );
}

function otherTheme() {
  const root = document.documentElement;
  const dark = root.dataset["theme"]
    ? root.dataset["theme"] === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset["theme"] = dark ? "light" : "dark";
}

function Tabs({ view }: { view: View }) {
  const { store, say } = useTools();
  const key = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const to = VIEWS[(VIEWS.indexOf(view) + step + VIEWS.length) % VIEWS.length]!;
    store.set({ view: to });
    document.getElementById(`tab-${to}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" onKeyDown={key}>
      {VIEWS.map((each) => (
        <button
          key={each}
          id={`tab-${each}`}
          type="button"
          role="tab"
          aria-selected={view === each}
          aria-controls="panel"
          tabIndex={view === each ? 0 : -1}
          onClick={() => store.set({ view: each })}
        >
          {say(each)}
        </button>
      ))}
    </div>
  );
}

/** Take the picture, its explanation or a link along. */
function Share() {
  const tools = useTools();
  const { data, store, engine, seen, say, tell } = tools;
  const copy = async () => {
    const { look, view, pinned } = store.state;
    history.replaceState(null, "", toFragment({ ...look, view, pinned }));
    try {
      await navigator.clipboard.writeText(location.href);
      const where = location.protocol === "file:" || data.served ? say("copiedHere") : say("copied");
      tell(store.state.photo || pinned?.details ? `${where} ${say("copiedRedrawn")}` : where);
    } catch {
      tell(location.href); // browsers may refuse the clipboard to a file
    }
  };
  const save = () => seen.value && void savePicture(seen.value.pixels, `${data.name}.png`);
  const saveWhy = async () => {
    const { look, photo, keepDetails } = store.state;
    const details = photo && keepDetails ? photo.details : undefined;
    const { outputs } = await engine.draw({ ...look, count: 1, read: true, details });
    const told = explanation(data, look, outputs);
    if (told) download(`${data.name}-why.json`, JSON.stringify(told, null, 1), "application/json");
    else tell(say("whyOpaque"));
  };
  return (
    <div class="actions share">
      <button type="button" onClick={() => void copy()}>
        {say("copyLink")}
      </button>
      <button type="button" onClick={save}>
        {say("savePicture")}
      </button>
      <button type="button" onClick={() => void saveWhy()}>
        {say("saveWhy")}
      </button>
    </div>
  );
}
