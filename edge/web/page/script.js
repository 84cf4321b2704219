"use strict";
// Asks every five seconds what is new, unless nobody looks, and puts only those parts anew that have changed.
const EVERY_MS = 5000;
const offline = document.getElementById("offline"), asOf = document.getElementById("as-of");
const shown = {};
let asking = false;

function put(place, html) {
  const open = [...place.querySelectorAll("details[open]")].map((details) => details.id);
  const held = place.contains(document.activeElement) ? document.activeElement.id : "";
  place.innerHTML = html;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (held) document.getElementById(held)?.focus({ preventScroll: true });
}

async function ask() {
  if (asking || document.hidden) return;
  asking = true;
  try {
    const answer = await fetch("/status/live.json", { cache: "no-cache", credentials: "same-origin", signal: AbortSignal.timeout(4500) });
    if (answer.status === 403) return location.reload();
    if (!answer.ok) throw new Error(answer.status);
    const { parts } = await answer.json();
    for (const place of document.querySelectorAll("[data-part]")) {
      const name = place.dataset.part;
      if (parts[name] !== undefined && parts[name] !== shown[name]) put(place, parts[name]);
      shown[name] = parts[name];
    }
    asOf.textContent = new Date().toLocaleTimeString(document.documentElement.lang, { hour12: false, timeZone: document.documentElement.dataset.zone });
    offline.hidden = true;
  } catch {
    offline.hidden = false;
  } finally {
    asking = false;
  }
}

setInterval(ask, EVERY_MS);
document.addEventListener("visibilitychange", ask);
window.addEventListener("pageshow", ask);
