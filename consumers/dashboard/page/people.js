/**
 * The people of a meeting, the worst connected first, and one of them in full.
 *
 * They are put in order again when somebody comes or goes, and every ten seconds; not while somebody is at the list.
 */

import { lines, rating, strip } from "./chart.js";
import { clock, element, fill, icon, joined, known, mark, number, percent, since, slot, t, template } from "./dom.js";
import { List } from "./list.js";

const SETTLE_MS = 10_000;
const MODALITIES = ["audio", "video", "screen"];
const WAYS = ["sent", "received"];
/** Where the service itself begins to call a flow bad, as its reference has the limits' defaults. */
const LIMITS = { loss_ratio: 0.1, jitter_ms: 50, rtt_ms: 300 };

export class People {
  #list;
  #choose;
  #people = new Map();
  #histories = new Map();
  #order = [];
  #settled = 0;
  #dialog = null;
  #body;

  /** `choose(id)` is called with whom somebody wants to see in full, and with null when that is over. */
  constructor(scroller, body, choose) {
    this.#body = body;
    this.#choose = choose;
    this.#list = new List(body, scroller, {
      key: (person) => person.participant_id,
      make: () => this.#make(),
      show: (row, person) => this.#row(row, this.#people.get(person.participant_id) ?? person),
    });
  }

  close() {
    this.#list.close();
    this.#dialog?.remove();
  }

  /** Take note of the histories that these have; the stream has none. */
  remember(people) {
    for (const { participant_id, history } of people) if (history.length) this.#histories.set(participant_id, history);
  }

  /** Show these. */
  show(people) {
    const there = new Set(people.map((person) => person.participant_id));
    const same = there.size === this.#people.size && people.every((person) => this.#people.has(person.participant_id));
    this.#people = new Map(people.map((person) => [person.participant_id, person]));
    const held = this.#list.busy || this.#body.matches(":hover");
    if ((!same && !held) || Date.now() - this.#settled > (held ? 6 : 1) * SETTLE_MS || !this.#order.length) {
      this.#order = people;
      this.#settled = Date.now();
      this.#list.show(people);
    } else this.#list.refresh();
    if (this.#dialog) this.#full(this.#dialog.dataset.person);
  }

  /** Show one in full, by ID; null closes it. */
  open(id) {
    if (!id || !this.#people.has(id)) return this.#dialog?.close();
    if (!this.#dialog) {
      this.#dialog = template("person");
      this.#dialog.querySelector("[data-close]").addEventListener("click", () => this.#dialog.close());
      this.#dialog.addEventListener("click", (event) => event.target === this.#dialog && this.#dialog.close());
      this.#dialog.addEventListener("close", () => {
        this.#dialog.remove();
        this.#dialog = null;
        this.#choose(null);
      });
      document.body.append(this.#dialog);
      this.#full(id);
      return this.#dialog.showModal();
    }
    return this.#full(id);
  }

  #make() {
    const row = template("person-row");
    slot(row, "name").addEventListener("click", () => this.#choose(row.dataset.key));
    return row;
  }

  #row(row, person) {
    const history = this.#histories.get(person.participant_id) ?? [];
    if (row.told === person && row.past === history) return;
    Object.assign(row, { told: person, past: history });
    const here = this.#people.has(person.participant_id);
    mark(row, { "is-speaking": here && person.speaking, "is-gone": !here });
    const about = [person.co_host ? t("role.co_host") : known("person", person.role), person.client_type ?? known("kind", person.terminal_type), person.department];
    fill(row, {
      name: person.name ?? t("people.nameless"),
      about: joined(here ? about : [t("people.left")]),
      sent: rating(worst(person.quality, "sent")),
      received: rating(worst(person.quality, "received")),
      hour: history.length ? strip(history.map(([, sent, received]) => least(sent, received)), t("people.hour")) : null,
    });
    slot(row, "now").replaceChildren(...states(person));
  }

  #full(id) {
    const person = this.#people.get(id);
    const past = this.#histories.get(id) ?? [];
    // Told of twice a second: who marks a figure must not lose it each time.
    const told = JSON.stringify([person, past, Math.floor(Date.now() / 10_000)]);
    if (!person || this.#dialog.told === told) return;
    this.#dialog.told = told;
    this.#dialog.dataset.person = id;
    const { quality } = person;
    const facts = [
      known("person", person.role), person.client_type, known("kind", person.terminal_type), person.department,
      person.joined_at && t("people.joined", { at: clock(person.joined_at), span: since(person.joined_at) }),
    ];
    fill(this.#dialog, {
      name: person.name ?? t("people.nameless"),
      facts: element("span", { className: "facts" }, ...facts.filter(Boolean).map((text) => element("span", {}, text))),
      measured: quality ? t("flow.measured", { at: clock(quality.at) }) : t("flow.nothing"),
    });
    const flows = quality ? MODALITIES.flatMap((modality) => WAYS.map((way) => [modality, way, quality[modality][way]])).filter(([, , flow]) => flow) : [];
    slot(this.#dialog, "flows").replaceChildren(...flows.map(flowRow));
    this.#dialog.querySelector(".wide").hidden = !flows.length;
    slot(this.#dialog, "charts").replaceChildren(...charts(past));
  }
}

function flowRow([modality, way, flow]) {
  const cell = (text, over = false) => element("td", { className: over ? "over" : "" }, text);
  const figure = (name, unit) => (flow[name] === null ? cell("–") : cell(unit(flow[name]), flow[name] > LIMITS[name]));
  const ms = (value) => `${number(value)} ms`;
  const picture = joined([flow.resolution, flow.frame_rate_fps === null ? null : t("flow.fps", { n: flow.frame_rate_fps })]);
  const rate = flow.bitrate_bps === null ? "–" : `${number(flow.bitrate_bps / 1000)} kbit/s`;
  return element(
    "tr", {}, element("th", { scope: "row" }, t(`flow.${modality}.${way}`)), element("td", {}, rating(flow.rating)),
    figure("loss_ratio", percent), figure("jitter_ms", ms), figure("rtt_ms", ms), cell(rate), cell(picture || "–"),
  );
}

/** A point is [at_s, sent, received, sent_loss, received_loss, jitter_ms, rtt_ms]. */
function charts(history) {
  if (!history.length) return [];
  const line = (name, place, second) => ({
    name, className: second ? "second" : "first",
    points: history.map((point) => ({ at: new Date(point[0] * 1000).toISOString(), value: point[place] })),
  });
  const chart = (name, all, options) => {
    const legends = all.length > 1 ? all.map((one) => element("span", { className: `legend ${one.className}` }, one.name)) : [];
    return element("div", {}, element("h3", {}, name, ...legends), lines(all, name, options));
  };
  return [
    chart(t("chart.rating"), [line(t("way.sent"), 1, false), line(t("way.received"), 2, true)], { most: 5 }),
    chart(t("chart.loss"), [line(t("way.sent"), 3, false), line(t("way.received"), 4, true)], { most: 0.02, unit: percent }),
    chart(t("chart.delay"), [line(t("flow.jitter"), 5, false), line(t("flow.rtt"), 6, true)], { most: 50, unit: (value) => `${number(value)} ms` }),
  ];
}

function states(person) {
  const shown = (name, kind, key) => element("span", { className: kind, title: t(key) }, icon(name), element("span", { className: "unseen" }, t(key)));
  return [
    person.muted === null ? null : person.muted ? shown("mic-off", "is-off", "now.muted") : shown("mic", person.speaking ? "is-on" : "", person.speaking ? "now.speaking" : "now.unmuted"),
    person.camera_on ? shown("camera", "", "now.camera") : null,
    person.sharing ? shown("screen", "is-on", "now.sharing") : null,
    person.hand_raised ? shown("hand", "is-on", "now.hand") : null,
  ].filter(Boolean);
}

const least = (...ratings) => ratings.reduce((low, one) => (one === null ? low : low === null ? one : Math.min(low, one)), null);

const worst = (quality, way) => (quality ? least(...MODALITIES.map((modality) => quality[modality][way]?.rating ?? null)) : null);
