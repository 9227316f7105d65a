/**
 * The page's elements, and the words on them: its language, numbers and times; and its colours.
 *
 * Whatever a service, a participant or a caption holds goes through `textContent` or an attribute that is no address:
 * nothing here, or anywhere on this page, turns text into markup. What turns
 * text round is isolated (UAX #9).
 *
 * The words lie in en.json and zh.json, with the same keys; a test holds that. A language is chosen in this order: the
 * switch on the page, what the session says, what the browser prefers. Both are one module so that the page is there
 * after one request less.
 */

const SVG = "http://www.w3.org/2000/svg";
const LANGUAGES = ["en", "zh"];
const LOCALES = { en: "en-GB", zh: "zh-CN" };
const LANGUAGE = "meetwire.language";
const THEME = "meetwire.theme";
const THEMES = ["system", "light", "dark"];
const TURNS = /[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufefe\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

let language = "en";
let preferred = null;
let table = {};
let plurals = new Intl.PluralRules("en");
let formats = {};

/** Return a copy of a `<template>`'s one element, in the language of now. */
export function template(name) {
  return words(document.getElementById(`template-${name}`).content.firstElementChild.cloneNode(true));
}

/** Return the element of `root` that has the slot `name`. */
export function slot(root, name) {
  return root.querySelector(`[data-slot="${name}"]`);
}

/**
 * Put values into the slots of `root`: text, a number, an element, or null, which hides the slot.
 *
 * What is there already is not written again: a screen reader would say it again, and a selection would be lost.
 */
export function fill(root, values) {
  for (const [name, value] of Object.entries(values)) {
    const place = slot(root, name);
    place.hidden = value === null || value === undefined || value === "";
    if (value instanceof Node) {
      if (place.firstChild !== value || place.childNodes.length !== 1) place.replaceChildren(value);
    } else if (place.textContent !== closed(value ?? "")) {
      place.textContent = closed(value ?? "");
    }
  }
  return root;
}

/** Return an element: `element("li", {className: "gone"}, "text", another)`. Keys with a dash are attributes. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  set(made, properties);
  made.append(...children.filter((child) => child != null).map((child) => (child instanceof Node ? child : closed(child))));
  return made;
}

/** Have isolates end where the text does. */
function closed(value) {
  let open = 0;
  const kept = String(value).replaceAll(/[\u2066-\u2069]/g, (one) => {
    if (one !== "\u2069") open += 1;
    else if (open) open -= 1;
    else return "";
    return one;
  });
  return kept + "\u2069".repeat(open);
}

/** Isolate a text that goes from right to left. */
export function own(value) {
  return TURNS.test(value) ? `\u2068${closed(value)}\u2069` : String(value);
}

export const joined = (parts, between = " · ") => parts.filter(Boolean).map(own).join(between);

/** Return an SVG element; all its properties are attributes. */
export function drawn(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Return one of the icons that stand in the document, as an ornament: what it means is said in words beside it. */
export function icon(name) {
  return drawn("svg", { class: "icon", "aria-hidden": "true" }, drawn("use", { href: `#icon-${name}` }));
}

/** Give an element its classes `on` by truth: `mark(row, {gone: true})`. */
export function mark(root, classes) {
  for (const [name, on] of Object.entries(classes)) root.classList.toggle(name, Boolean(on));
}

/** Replace the choices of a `<select>`, keeping what is chosen. Choices are pairs of value and text. */
export function choices(select, pairs) {
  const chosen = select.value;
  const wanted = JSON.stringify(pairs);
  if (select.dataset.choices === wanted) return;
  select.dataset.choices = wanted;
  select.replaceChildren(...pairs.map(([value, text]) => element("option", { value }, text)));
  select.value = pairs.some(([value]) => value === chosen) ? chosen : pairs[0][0];
}

function set(made, properties) {
  for (const [key, value] of Object.entries(properties)) {
    if (key === "data") Object.assign(made.dataset, value);
    else if (key.includes("-") || key === "role") made.setAttribute(key, value);
    else made[key] = value;
  }
}

/** Which language is on: en or zh. */
export const spoken = () => language;

/** Load the words; `wanted` is what the session says, or null. Keeps the words that are there where it fails. */
export async function speak(wanted) {
  language = choose(wanted);
  const answer = await fetch(`/page/${language}.json`);
  if (answer.ok) table = await answer.json();
  const locale = LOCALES[language];
  document.documentElement.lang = locale;
  plurals = new Intl.PluralRules(locale);
  formats = {
    number: new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }),
    percent: new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 }),
    clock: new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false }),
    hour: new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hour12: false }),
    day: new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" }),
    date: new Intl.DateTimeFormat(locale, { dateStyle: "medium" }),
  };
}

/** Choose a language from now on, in this browser. */
export function prefer(wanted) {
  preferred = wanted;
  keep(LANGUAGE, wanted);
}

function choose(wanted) {
  const asked = navigator.languages.map((one) => one.slice(0, 2).toLowerCase());
  return [preferred, kept(LANGUAGE), wanted, ...asked].find((one) => LANGUAGES.includes(one)) ?? "en";
}

/** Put the colours on that were chosen in this browser, or those `step` further, and have `button` say which. */
export function colour(button, step = 0) {
  const now = THEMES.indexOf(button.dataset.theme ?? kept(THEME));
  const wanted = THEMES[(Math.max(0, now) + step) % THEMES.length];
  if (step) keep(THEME, wanted);
  if (wanted === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = wanted;
  button.replaceChildren(icon(`theme-${wanted}`));
  button.title = t("theme.label", { theme: t(`theme.${wanted}`) });
  button.setAttribute("aria-label", button.title);
  button.dataset.theme = wanted;
}

function kept(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function keep(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // A browser that keeps nothing: then it is for as long as the page is open.
  }
}

/**
 * Return the words for `key`, with `{name}` filled in. Where they differ by number, `values.n` decides.
 *
 * A key that is missing shows itself, so that it is seen.
 */
export function t(key, values = {}) {
  let text = table[key] ?? key;
  if (typeof text === "object") text = text[plurals.select(values.n)] ?? text.other;
  return text.replaceAll(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    return typeof value === "number" ? number(value) : own(value ?? whole);
  });
}

/** Return the words of the service's own value where we know it, and the value as it came where not. */
export function known(kind, value) {
  return value === null || value === undefined ? "" : (table[`${kind}.${value}`] ?? String(value));
}

/** Put words into everything of `root` that asks for them by `data-t` (its text) or `data-t-<attribute>`. */
export function words(root) {
  const all = [root, ...root.querySelectorAll("*")];
  for (const one of all) {
    for (const [name, key] of Object.entries(one.dataset ?? {})) {
      if (name === "t") one.textContent = t(key);
      else if (/^t[A-Z]/.test(name)) one.setAttribute(name.slice(1).replace(/([A-Z])/g, "-$1").slice(1).toLowerCase(), t(key));
    }
  }
  return root;
}

export const number = (value) => formats.number.format(value);
export const percent = (ratio) => formats.percent.format(ratio);

/** 14:03:05, with the day where it is not today's. */
export function clock(instant) {
  const at = new Date(instant);
  const same = at.toDateString() === new Date().toDateString();
  return same ? formats.clock.format(at) : `${formats.day.format(at)} ${formats.clock.format(at)}`;
}

/** 14:03:05, whatever the day. */
export const time = (instant) => formats.clock.format(new Date(instant));

export const hour = (instant) => formats.hour.format(new Date(instant));
export const date = (instant) => formats.date.format(new Date(instant));

/** 12 s, 5 min, 2 h 5 min, 3 d: two units at the most. */
export function span(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return t("span.seconds", { n: whole });
  if (whole < 3600) return t("span.minutes", { n: Math.floor(whole / 60) });
  if (whole < 86400) {
    const minutes = Math.floor((whole % 3600) / 60);
    return t(minutes ? "span.hours_minutes" : "span.hours", { n: Math.floor(whole / 3600), minutes });
  }
  return t("span.days", { n: Math.floor(whole / 86400) });
}

/** How long since `instant`, by the clock of now. */
export const since = (instant) => span((Date.now() - Date.parse(instant)) / 1000);
