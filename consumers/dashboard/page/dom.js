/**
 * Make and fill elements, and nothing else of the document.
 *
 * Whatever a service, a participant or a caption holds goes through `textContent` or an attribute that is no address:
 * nothing here, or anywhere on this page, turns text into markup.
 */

import { words } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

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
    } else if (!place.hidden && place.textContent !== String(value)) {
      place.textContent = value;
    }
  }
  return root;
}

/** Return an element: `element("li", {className: "gone"}, "text", another)`. Keys with a dash are attributes. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  set(made, properties);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

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
