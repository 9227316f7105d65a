/**
 * The present of all meetings, kept up by one stream, and the state of that stream.
 *
 * The stream is opened first and the snapshot asked for when it is open: what the stream brought meanwhile is put on top
 * of the snapshot, so nothing falls between them. A line that is cut, or that says nothing for half a minute, is opened
 * again, sooner where somebody looks; and then the snapshot is asked for again, so that what was missed does not matter.
 *
 * A page in the background holds no line: without HTTP/2 a browser has six to a server, and whoever opens some meetings
 * in tabs beside each other would have none left. It opens one for a moment now and then, for the tab's title.
 */

import { get, whoAmI } from "./api.js";

/** Longer than this the page says that it is behind: a receiver says every ten seconds that it is there. */
const BEHIND_S = 30;
/** The server says something every ten seconds. */
const SILENT_MS = 30_000;
/** How often a page in the background looks. Browsers make it a minute in the end. */
const REST_MS = 20_000;
const WAITS_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000];

/** What is known: the overview, the rows by id, and whether the snapshot was there yet. */
export const present = { overview: null, rows: new Map(), whole: false };

/** How the line is: "connecting", "live", "behind", "catching" (up) or "lost"; since when; how far behind. */
export const line = { state: "connecting", since: Date.now(), behind_s: 0 };

const told = new EventTarget();
let source = null;
let watched = null;
let wantsRows = false;
let meanwhile = null;
let tries = 0;
let silence = 0;
let again = 0;
let failures = 0;
let asking = 0;
/** Whether the line, or its absence, is that of a page in the background. */
let resting = false;

/**
 * Call `then(detail)` for each `name` until `signal`: "line", "overview", "rows", "meeting", "caption", "alert", "open"
 * (the stream begins anew: what a view has asked for by itself it asks for again), "out" (nobody is logged in any more).
 */
export function on(name, signal, then) {
  told.addEventListener(name, (event) => then(event.detail), { signal });
}

/** Follow all meetings, and one of them in detail where `meeting` is given. */
export function follow(meeting = null) {
  if (source && meeting === watched) return;
  watched = meeting;
  tries = 0;
  open();
}

/** Follow nothing, and know nothing: somebody else may log in. */
export function leave() {
  close();
  watched = null;
  wantsRows = false;
  resting = false;
  line.state = "connecting";
  Object.assign(present, { overview: null, rows: new Map(), whole: false });
}

/** Have the rows of all meetings, now and as they change. */
export function needRows() {
  if (wantsRows) return;
  wantsRows = true;
  if (source?.readyState === EventSource.OPEN && !resting) void snapshot();
}

function close() {
  clearTimeout(again);
  clearTimeout(silence);
  clearTimeout(asking);
  source?.close();
  source = null;
}

function open() {
  close();
  resting = document.hidden;
  source = new EventSource(watched && !resting ? `/api/v1/live?meeting=${encodeURIComponent(watched)}` : "/api/v1/live");
  const opened = source;
  listen(opened, "overview", (overview) => {
    present.overview = overview;
    tell("overview", overview);
  });
  listen(opened, "row", (rows) => change({ rows: [rows].flat() }));
  listen(opened, "gone", (ids) => change({ gone: [ids].flat() }));
  for (const name of ["meeting", "caption", "alert"]) listen(opened, name, (detail) => tell(name, detail));
  listen(opened, "behind", ({ behind_s }) => {
    behind(behind_s);
    if (document.hidden) rest();
  });
  listen(opened, "missed", anew);
  opened.addEventListener("open", () => {
    tries = 0;
    heard();
    state("live", 0);
    if (!resting) anew();
  });
  opened.addEventListener("error", () => void cut(opened));
  heard();
}

/** Have everything asked for again that is looked at. */
function anew() {
  tell("open");
  if (wantsRows) void snapshot();
}

/** The server has said how it all is, and how far behind: that is enough for a while. */
function rest() {
  close();
  resting = true;
  again = setTimeout(open, REST_MS);
}

function listen(from, name, then) {
  from.addEventListener(name, (event) => {
    if (from !== source) return;
    heard();
    then(JSON.parse(event.data));
  });
}

function heard() {
  clearTimeout(silence);
  const from = source;
  silence = setTimeout(() => void cut(from), SILENT_MS);
}

async function cut(from) {
  if (from !== source) return;
  close();
  state("lost", 0);
  again = setTimeout(() => void retry(), wait(tries++));
}

const wait = (failed) => WAITS_MS[Math.min(failed, WAITS_MS.length - 1)] * (0.5 + Math.random());

/** Null: it reads what was before its start. Once it has, it is asked for that: it was told to nobody. */
function behind(behind_s) {
  const whole = line.state === "catching" && behind_s !== null;
  state(behind_s === null ? "catching" : behind_s > BEHIND_S ? "behind" : "live", behind_s);
  if (whole && !resting) anew();
}

/** A stream does not say why it was refused: ask whether somebody is still logged in. */
async function retry() {
  try {
    if ((await whoAmI()) === null) return tell("out");
  } catch {
    source = null;
    return cut(null);
  }
  return open();
}

function state(now, behind_s) {
  if (line.state !== now) Object.assign(line, { state: now, since: Date.now() });
  line.behind_s = behind_s;
  tell("line", line);
}

async function snapshot() {
  clearTimeout(asking);
  const asked = (meanwhile = []);
  try {
    const { overview, meetings, behind_s } = await get("/api/v1/meetings");
    if (asked !== meanwhile) return;
    behind(behind_s);
    present.overview = overview;
    present.rows = new Map(meetings.map((row) => [row.id, row]));
    present.whole = true;
    meanwhile = null;
    failures = 0;
    for (const one of asked) apply(one);
    tell("overview", overview);
    tell("rows", { whole: true });
  } catch {
    // The line tells of a server that is gone.
    if (asked !== meanwhile) return;
    meanwhile = null;
    if (source) asking = setTimeout(() => void snapshot(), wait(failures++));
  }
}

function change(one) {
  meanwhile?.push(one);
  apply(one);
  tell("rows", { whole: false, ...one });
}

function apply({ rows = [], gone = [] }) {
  for (const row of rows) present.rows.set(row.id, row);
  for (const id of gone) present.rows.delete(id);
}

function tell(name, detail = null) {
  told.dispatchEvent(new CustomEvent(name, { detail }));
}

// Whoever comes back to the page, or to the net, does not wait for the next try.
function hurry() {
  if (line.state === "lost" && source === null && again) {
    clearTimeout(again);
    void retry();
  }
}
window.addEventListener("online", hurry);
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  if (resting && (source || line.state !== "lost")) open();
  else hurry();
});
