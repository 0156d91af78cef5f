// Keeps the page for use without a network. The lists are asked for anew whenever there is one.
"use strict";
const cacheName = "motcua-verifier-{{.Version}}";
const files = ["./", "/?lang=vi", "/?lang=en", "style.css", "app.js", "wasm_exec.js", "verifier.wasm", "trust.json", "status.json", "manifest.webmanifest"];
self.addEventListener("install", event => {
  event.waitUntil(caches.open(cacheName).then(cache => cache.addAll(files)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", event => {
  event.waitUntil(caches.keys().then(names => Promise.all(names.filter(n => n !== cacheName).map(n => caches.delete(n)))).then(() => self.clients.claim()));
});
self.addEventListener("fetch", event => {
  if (event.request.method !== "GET") return;
  const fresh = /\/(trust|status)\.json$/.test(event.request.url);
  event.respondWith((async () => {
    const cache = await caches.open(cacheName);
    if (!fresh) {
      const kept = await cache.match(event.request);
      if (kept) return kept;
    }
    try {
      const answer = await fetch(event.request);
      if (answer.ok) await cache.put(event.request, answer.clone());
      return answer;
    } catch (error) {
      const kept = await cache.match(event.request);
      if (kept) return kept;
      throw error;
    }
  })());
});
