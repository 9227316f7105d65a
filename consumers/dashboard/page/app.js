/**
 * The frame around every view: which one is on, by the address; who is logged in; how the line is; what the tab says.
 *
 * All of an address but its first part is a fragment, which browsers send to nobody: what somebody looks for stands in no
 * log of a server or a proxy. A view is a module with `open(stage, place, app)`, which returns {change(place)}; it ends
 * with `app.signal`. Its stage is its own: what comes to a view that somebody has left shows nowhere.
 */

import { forget, has, Refused, send, session, Unreachable, whenLoggedOut, whoAmI } from "./api.js";
import { colour, element, fill, mark, own, prefer, span, speak, spoken, t, words } from "./dom.js";
import { follow, leave, line, on, present } from "./live.js";

const VIEWS = {
  "": () => import("./overview.js"),
  meetings: () => import("./meeting.js"),
  alerts: () => import("./alerts.js"),
  archive: () => import("./archive.js"),
};
/** What is less is the time of two looks. */
const LAG_S = 2;

const main = document.getElementById("main");
const frame = document.body;
const button = document.getElementById("theme");
let view = null;
let shown = null;
let turn = new AbortController();
let name = "";
let looked = null;

class Unloaded extends Error {}

/** Where we are: {view, id, query: URLSearchParams}. `#/meetings/x?person=y` is {view: "meetings", id: "x", …}. */
function here() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?", 2);
  const [first, ...rest] = path.split("/");
  return { view: Object.hasOwn(VIEWS, first) ? first : "", id: rest.map(decoded).join("/"), query: new URLSearchParams(query) };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Go to an address. With `replace` the one of now is left out of the history: for what somebody is typing. */
function go(path, { replace = false } = {}) {
  if (location.hash === path) return;
  if (!replace) location.hash = path;
  else {
    history.replaceState(null, "", path);
    void route();
  }
}

/** Say what is shown: in the tab, with how many alerts stand before it. */
function title(of) {
  name = of;
  trouble();
}

async function route() {
  const place = here();
  if (session === null) return login();
  const same = view && shown && shown.view === place.view && shown.id === place.id;
  shown = place;
  if (same) return view.change(place);
  return show(VIEWS[place.view], place);
}

async function show(load, place) {
  const first = view === null;
  view = null;
  turn.abort();
  turn = new AbortController();
  const { signal } = turn;
  const stage = element("div");
  for (const link of document.querySelectorAll("[data-view]")) {
    if (link.dataset.view === place.view || (link.dataset.view === "" && place.view === "meetings")) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  try {
    const loading = load().catch(() => Promise.reject(new Unloaded()));
    const [module] = await Promise.all([loading, place.view === "" || place.view === "login" || looks()]);
    if (signal.aborted) return;
    if (session) follow(place.view === "meetings" ? place.id : null);
    main.replaceChildren(stage);
    window.scrollTo(0, 0);
    const opened = await module.open(stage, place, { go, signal, title: (of) => signal.aborted || title(of) });
    if (signal.aborted) return;
    view = opened;
  } catch (error) {
    if (signal.aborted) return;
    failed(error);
  }
  if (!first) main.querySelector("h1")?.focus({ preventScroll: true });
}

/** The list of meetings and the login do without this sheet: they are there sooner. */
function looks() {
  looked ??= new Promise((resolve) => {
    document.head.append(element("link", { rel: "stylesheet", href: "/page/views.css", onload: resolve, onerror: () => resolve((looked = null)) }));
  });
  return looked;
}

/** Say why a view is not there, and try again when somebody says so, or the line is back. */
function failed(error) {
  if (error instanceof Refused && error.status === 401) return;
  const away = error instanceof Unreachable || error instanceof Unloaded;
  const why = away ? "failed.unreachable" : error instanceof Refused && error.status === 403 ? "failed.forbidden" : "failed.other";
  if (why === "failed.other") console.error(error);
  turn.abort();
  turn = new AbortController();
  // A browser remembers of a module that it did not come; and after an upgrade it may not go with those that are here.
  const again = () => (error instanceof Unloaded ? location.reload() : void show(VIEWS[here().view], here()));
  if (error instanceof Unloaded && line.state === "live") return again();
  if (away) on("open", turn.signal, again);
  const retry = element("button", { type: "button", onclick: again }, t("failed.again"));
  main.replaceChildren(element("section", { className: "empty" }, element("h1", { tabIndex: -1 }, t(why)), retry));
  view = { change: (place) => show(VIEWS[place.view], place) };
  return undefined;
}

function login() {
  leave();
  shown = null;
  mark(frame, { "is-out": true });
  const link = new URLSearchParams(location.search).get("link");
  document.title = "meetwire";
  return show(() => import("./login.js"), { view: "login", link, entered });
}

async function entered() {
  await whoAmI();
  if (session) begin();
}

function begin() {
  // The one-time link is of no use to anybody any more.
  if (location.pathname !== "/" || location.search) history.replaceState(null, "", `/${location.hash}`);
  mark(frame, { "is-out": false });
  fill(frame, { user: session.user, role: t(`role.${session.role}`) });
  for (const link of document.querySelectorAll("[data-part]")) link.hidden = !has(link.dataset.part);
  view = null;
  shown = null;
  void route();
}

/** The stream alone keeps nobody logged in: a request does, and an open page is somebody who looks. */
async function stay() {
  if (session === null) return;
  try {
    if ((await whoAmI()) === null) await login();
  } catch {
    // The line tells of a server that does not answer.
  }
}

async function logout() {
  await send("POST", "/api/v1/logout");
  forget();
  return login();
}

/** The tab's title and icon, and the banner, say what is wrong. */
function trouble() {
  const alerts = present.overview?.alerts ?? 0;
  const lost = session !== null && line.state === "lost";
  const behind = line.state === "behind" || line.state === "catching";
  const before = lost ? `${t("tab.lost")} · ` : alerts ? `(${alerts}) ` : "";
  const wanted = `${before}${name ? `${own(name)} · ` : ""}meetwire`;
  if (document.title !== wanted) document.title = wanted;
  const wantedIcon = `/page/icon${lost ? "-lost" : alerts ? "-trouble" : ""}.svg`;
  const link = document.querySelector("link[rel=icon]");
  if (link.getAttribute("href") !== wantedIcon) link.setAttribute("href", wantedIcon);
  const alerting = document.querySelector("[data-part=alerts]");
  if (session && alerts && alerting.hidden) alerting.hidden = false;
  fill(frame, {
    line: t(`line.${line.state}`),
    lag: line.state === "live" && line.behind_s >= LAG_S ? t("line.lag", { at: span(line.behind_s) }) : null,
    alerts: alerts || null,
    "alerts-said": alerts ? t("nav.standing", { n: alerts }) : null,
    banner: banner(),
  });
  mark(frame, { "is-lost": lost, "is-behind": behind, "is-live": line.state === "live" });
}

function banner() {
  if (session === null) return null;
  if (line.state === "lost") return t("banner.lost", { at: span((Date.now() - line.since) / 1000) });
  if (line.state === "behind") return t("banner.behind", { at: span(line.behind_s) });
  return line.state === "catching" ? t("banner.catching") : null;
}

async function otherLanguage() {
  prefer(spoken() === "en" ? "zh" : "en");
  await dress();
  if (!session) return login();
  begin();
  return trouble();
}

/** Put the words of the language that is on into the frame. */
async function dress() {
  await speak(session?.language ?? null);
  words(document.documentElement);
  colour(button);
}

function pressed(event) {
  const typing = event.target.closest("input, textarea, select, dialog");
  const field = event.key === "/" && !typing && !event.ctrlKey && !event.metaKey ? main.querySelector("input[type=search]") : null;
  if (!field) return;
  event.preventDefault();
  field.focus();
}

async function start() {
  colour(button);
  try {
    await whoAmI();
  } catch {
    // Nobody answers: the words may come all the same, and the page says so and tries again.
  }
  await dress();
  document.getElementById("language").addEventListener("click", () => void otherLanguage());
  button.addEventListener("click", () => colour(button, 1));
  document.getElementById("logout").addEventListener("click", () => void logout().catch(failed));
  document.addEventListener("keydown", pressed);
  window.addEventListener("hashchange", () => void route());
  whenLoggedOut(login);
  const always = new AbortController().signal;
  on("line", always, trouble);
  on("overview", always, trouble);
  on("out", always, login);
  setInterval(trouble, 5_000);
  setInterval(() => void stay(), 600_000);
  mark(frame, { "is-loading": false });
  if (session) begin();
  else await login();
}

await start();
