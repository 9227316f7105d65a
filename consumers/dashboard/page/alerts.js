/**
 * Alerts: those that stand, the silences, those that are over. Who may acknowledges and silences them here.
 *
 * The stream says when an alert changed; then everything is asked for again, since one alert can explain others.
 */

import { get, may, Refused, send, session, Unreachable } from "./api.js";
import { choices, clock, element, fill, icon, joined, known, number, own, percent, since, slot, span, t, template } from "./dom.js";
import { on } from "./live.js";

const HOURS = [1, 4, 12, 24, 72, 168];
const SOON_MS = 300;
/** How an alert is told from all others, by its level: what a silence about it looks for at first. */
const MATCHED = ["enterprise", "level", "place"];

export async function open(main, place, app) {
  const alerts = new Alerts(main, app);
  app.signal.addEventListener("abort", () => alerts.close());
  await alerts.load();
  return { change() {} };
}

class Alerts {
  #main;
  #root = template("alerts");
  #stop = new AbortController();
  #soon = 0;
  /** Silences match across enterprises: they are for who sees all of these. */
  #all = session?.enterprises === null;

  constructor(main, app) {
    this.#main = main;
    app.title(t("alerts.title"));
    const making = slot(this.#root, "new-silence");
    making.hidden = !this.#all || !may("alerts");
    slot(this.#root, "silences").closest("section").hidden = !this.#all;
    making.addEventListener("click", () => this.#silence(null));
  }

  async load() {
    const { signal } = this.#stop;
    for (const name of ["alert", "open"]) on(name, signal, () => this.#again());
    const asking = setInterval(() => this.#again(), 60_000);
    signal.addEventListener("abort", () => [asking, this.#soon].forEach(clearInterval));
    await this.#ask();
    this.#main.append(this.#root);
  }

  close() {
    this.#stop.abort();
  }

  #again() {
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => void this.#try(), SOON_MS);
  }

  /** What was shown stays where it cannot be asked for again, and it is said why. */
  async #try() {
    try {
      await this.#ask();
      fill(this.#root, { error: null });
    } catch (error) {
      if (error.name !== "AbortError") fill(this.#root, { error: reason(error) });
    }
  }

  async #ask() {
    const asked = (what) => get(`/api/v1/${what}`, {}, this.#stop.signal);
    const [alerts, { silences }] = await Promise.all([asked("alerts"), this.#all ? asked("silences") : { silences: [] }]);
    this.#list("standing", alerts.standing, "none");
    this.#list("past", alerts.past, "no-past");
    fill(this.#root, { "standing-count": alerts.standing.length ? number(alerts.standing.length) : null });
    slot(this.#root, "no-silences").hidden = silences.length > 0;
    slot(this.#root, "silences").replaceChildren(...silences.map((one) => this.#silenceItem(one)));
  }

  /** An alert that has not changed keeps its element: whoever stands on its button goes on standing there. */
  #list(name, alerts, none) {
    const list = slot(this.#root, name);
    const there = new Map([...list.children].map((item) => [item.dataset.was, item]));
    const items = alerts.map((alert) => {
      const was = JSON.stringify(alert);
      const item = there.get(was) ?? this.#item(alert);
      item.dataset.was = was;
      return item;
    });
    slot(this.#root, none).hidden = items.length > 0;
    if (items.length !== list.children.length || items.some((item, number_) => item !== list.children[number_])) list.replaceChildren(...items);
  }

  #item(alert) {
    const item = template("alert");
    const over = alert.state === "resolved";
    item.classList.add(`is-${alert.severity}`);
    item.classList.toggle("is-calm", over || alert.state === "held_back" || Boolean(alert.silenced_by));
    const begun = t("alerts.since", { at: clock(alert.since), span: since(alert.since) });
    const ended = over && t("alerts.ended", { at: clock(alert.ended_at ?? alert.changed_at), span: span((Date.parse(alert.ended_at ?? alert.changed_at) - Date.parse(alert.since)) / 1000), because: known("because", alert.because) });
    fill(item, {
      severity: known("severity", alert.severity),
      title: `${known("level", alert.level)} · ${causes(alert)}`,
      place: where(alert),
      when: over ? ended : begun,
      seen: alert.acknowledged && joined([t("alerts.seen", { who: alert.acknowledged.who, at: clock(alert.acknowledged.at) }), alert.acknowledged.note]),
    });
    slot(item, "causes").replaceChildren(...alert.causes.map((cause) => element("li", {}, told(cause))));
    slot(item, "tags").replaceChildren(...tags(alert));
    const act = may("alerts") && !over;
    this.#button(item, "acknowledge", act && !alert.acknowledged && alert.state === "standing", () => this.#acknowledge(alert));
    this.#button(item, "silence", act && this.#all && !alert.silenced_by, () => this.#silence(alert));
    return item;
  }

  #button(item, name, wanted, then) {
    const button = slot(item, name);
    if (!wanted) return button.remove();
    return button.addEventListener("click", then);
  }

  #silenceItem(one) {
    const item = element("li", {}, ...one.matchers.map(({ label, pattern }) => element("code", {}, `${label} = ${own(pattern)}`)));
    const begins = Date.parse(one.starts_at) > Date.now() ? t("silence.from", { at: clock(one.starts_at) }) : "";
    const until = t("silence.until", { at: clock(one.ends_at), span: span((Date.parse(one.ends_at) - Date.now()) / 1000) });
    item.append(element("span", {}, joined([begins, until], " ")), element("small", {}, joined([one.who, one.why], ": ")));
    if (!may("alerts")) return item;
    const end = element("button", { type: "button" }, t("silence.end"));
    end.addEventListener("click", () => void this.#end(one, end));
    item.append(end);
    return item;
  }

  async #end(one, button) {
    button.disabled = true;
    try {
      await send("DELETE", `/api/v1/silences/${encodeURIComponent(one.id)}`);
    } catch (error) {
      fill(this.#root, { error: reason(error) });
      button.disabled = false;
      return;
    }
    await this.#try();
    this.#root.querySelector("h1").focus();
  }

  #acknowledge(alert) {
    const dialog = template("acknowledge");
    fill(dialog, { about: `${causes(alert)} · ${where(alert)?.textContent ?? ""}` });
    this.#asked(dialog, (form) => send("POST", `/api/v1/alerts/${encodeURIComponent(alert.id)}/acknowledge`, { note: form.elements.note.value }));
  }

  #silence(alert) {
    const dialog = template("silence");
    const form = dialog.querySelector("form");
    for (const label of MATCHED) {
      const input = element("input", { name: `match.${label}`, value: alert?.[label] ?? "", maxLength: 256, placeholder: "*" });
      slot(dialog, "matchers").append(element("label", {}, element("span", {}, t(`silence.${label}`)), input));
    }
    choices(form.elements.hours, HOURS.map((hours) => [String(hours), span(hours * 3600)]));
    this.#asked(dialog, () => {
      const matchers = MATCHED.map((label) => ({ label, pattern: form.elements[`match.${label}`].value.trim() })).filter(({ pattern }) => pattern);
      if (!matchers.length) throw new Empty();
      const ends_at = new Date(Date.now() + Number(form.elements.hours.value) * 3_600_000).toISOString();
      return send("POST", "/api/v1/silences", { matchers, ends_at, why: form.elements.why.value });
    });
  }

  /** Show a dialog; when its form is sent, do `then`, and close it only where that worked. */
  #asked(dialog, then) {
    const form = dialog.querySelector("form");
    const button = form.querySelector(".primary");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      try {
        await then(form);
        dialog.close();
        await this.#try();
        // The button that was pressed is no more: who is at the keyboard goes on from the page's beginning.
        if (!this.#root.contains(document.activeElement)) this.#root.querySelector("h1").focus();
      } catch (error) {
        fill(dialog, { error: reason(error) });
      } finally {
        button.disabled = false;
      }
    });
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    this.#stop.signal.addEventListener("abort", () => dialog.close());
    document.body.append(dialog);
    dialog.showModal();
  }
}

class Empty extends Error {}

function reason(error) {
  if (error instanceof Empty) return t("silence.empty");
  if (error instanceof Unreachable) return t("failed.unreachable");
  if (!(error instanceof Refused)) return t("failed.other");
  if (error.status === 503) return t("alerts.unavailable");
  if (error.status === 403) return t("failed.forbidden");
  if (error.status === 404) return t("alerts.missing");
  return session === null ? t("login.title") : error.message;
}

const causes = (alert) => [...new Set(alert.causes.map((cause) => cause.rule))].join(", ") || known("level", alert.level);

function where(alert) {
  // A place begins with its enterprise, as a rule: once is enough.
  const within = alert.place.startsWith(`${alert.enterprise}/`) ? alert.place.slice(alert.enterprise.length + 1) : alert.place;
  const parts = [...within.split("/"), alert.enterprise].filter((text) => text !== "*");
  const text = element("span", {}, joined(parts));
  if (!alert.meeting) return text;
  const query = alert.participant_id ? `?${new URLSearchParams({ person: alert.participant_id })}` : "";
  return element("span", {}, text, " · ", element("a", { href: `#/meetings/${encodeURIComponent(alert.meeting)}${query}` }, t("alerts.to_meeting")));
}

function tags(alert) {
  const tag = (name, kind, text) => element("span", { className: `tag ${kind}` }, icon(name), text);
  return [
    alert.people > 0 && tag("people", "", alert.measured > alert.people ? t("people.of", { n: alert.people, all: alert.measured }) : t("people", { n: alert.people })),
    alert.direction && tag("pulse", "", known("direction", alert.direction)),
    alert.state === "held_back" && tag("warn", "", t("alerts.held_back")),
    alert.silenced_by && tag("bell", "", t("alerts.silenced")),
    alert.muted && tag("theme-dark", "", t("alerts.muted")),
  ].filter(Boolean);
}

/** loss above 5 %: 4 of the last 5, last 12 %. */
function told(cause) {
  const unit = (value) => (cause.metric?.endsWith("_ratio") ? percent(value) : cause.metric?.endsWith("_ms") ? `${number(value)} ms` : number(value));
  const limit = cause.above !== null ? t("cause.above", { value: unit(cause.above) }) : cause.below !== null ? t("cause.below", { value: unit(cause.below) }) : "";
  const [, modality, way] = cause.check.split("/");
  const flow = modality && way ? t(`flow.${modality}.${way}`) : "";
  const what = cause.metric === null ? t("cause.silence") : `${known("metric", cause.metric)} ${limit}`.trim();
  const counted = cause.of ? t("cause.counted", { bad: cause.bad, of: cause.of }) : "";
  const last = cause.last !== null && cause.last !== undefined ? t("cause.last", { value: unit(cause.last) }) : "";
  return joined([flow.startsWith("flow.") ? [modality, way].join(" ") : flow, what, counted, last]);
}
