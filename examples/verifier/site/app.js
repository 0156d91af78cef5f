// The page works without this file: the form is then judged by the server. With it, the same Go code judges here, and
// after the first visit no network is needed.
"use strict";
(async () => {
  const $ = id => document.getElementById(id), lang = document.body.dataset.lang;
  const words = JSON.parse($("words").content.textContent);
  const state = text => { $("state").textContent = text; };
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("sw.js").catch(() => {});

  const go = new Go();
  try {
    const program = await WebAssembly.instantiateStreaming(fetch("verifier.wasm"), go.importObject);
    go.run(program.instance);
  } catch { return; } // the server judges

  // The first trust list pins its root; a later one must be of the same root and not older.
  const pinned = JSON.parse(localStorage.getItem("trust") || '{"root":"","version":0}');
  let text, status;
  try {
    text = await (await fetch("trust.json", { cache: "no-cache" })).text();
    status = await (await fetch("status.json", { cache: "no-cache" })).text();
  } catch {
    state(words.notrust);
    return;
  }
  const loaded = JSON.parse(motcua.load(text, pinned.root, pinned.version, status));
  if (loaded.error) {
    state(loaded.error === "root" ? words.root : words.badtrust);
    document.body.dataset.ready = "refused";
    return;
  }
  localStorage.setItem("trust", JSON.stringify({ root: loaded.root, version: loaded.version }));
  state(words.offline);
  document.body.dataset.ready = "yes";

  const element = (name, text, className) => {
    const e = document.createElement(name);
    if (text) e.textContent = text;
    if (className) e.className = className;
    return e;
  };
  const rows = (into, title, list, className, warning) => {
    if (!list.length) return;
    into.append(element("h2", title));
    if (warning) into.append(element("p", warning, "warn"));
    const dl = element("dl", "", className);
    for (const row of list) {
      const div = element("div");
      div.append(element("dt", row.label), element("dd", row.value));
      dl.append(div);
    }
    into.append(dl);
  };
  const show = code => {
    const v = JSON.parse(motcua.judge(code, lang)), into = element("div"), panel = element("div", "", "panel " + v.class);
    panel.append(element("h2", v.headline), ...v.reasons.map(r => element("p", r)));
    into.append(panel);
    rows(into, words.signed, v.signed);
    rows(into, words.unsigned, v.unsigned, "loose", words.unsignedNote);
    if (v.unchecked.length) {
      const ul = element("ul");
      ul.append(...v.unchecked.map(u => element("li", u)));
      into.append(element("h2", words.unchecked), ul);
    }
    rows(into, words.about, v.about);
    $("result").replaceChildren(into);
    $("result").scrollIntoView({ block: "start" });
  };
  const sorry = text => { const p = element("div", "", "panel warn"); p.append(element("h2", text)); $("result").replaceChildren(p); };
  const readBlob = async blob => JSON.parse(motcua.read(new Uint8Array(await blob.arrayBuffer())));

  $("form").addEventListener("submit", async event => {
    event.preventDefault();
    const file = $("file").files[0];
    if (!file) return $("text").value.trim() ? show($("text").value.trim()) : sorry(words.nothing);
    const found = await readBlob(file);
    found.error || !found.found ? sorry(words.noqr) : show(found.text);
  });

  // The camera: the browser's own detector where there is one, else frames through the Go decoder.
  if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) return;
  $("scan").hidden = false;
  let stream = null;
  const stop = () => { stream && stream.getTracks().forEach(t => t.stop()); stream = null; $("camera").hidden = true; };
  $("scan").addEventListener("click", async () => {
    if (stream) return stop();
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch { return sorry(words.nocamera); }
    $("camera").hidden = false;
    const video = $("video"), canvas = document.createElement("canvas");
    video.srcObject = stream;
    await video.play();
    const detector = "BarcodeDetector" in window ? new BarcodeDetector({ formats: ["qr_code"] }) : null;
    while (stream) {
      let code = "";
      if (detector) {
        const codes = await detector.detect(video).catch(() => []);
        code = codes.length ? codes[0].rawValue : "";
      } else if (video.videoWidth) {
        canvas.width = video.videoWidth;
        canvas.height = video.videoHeight;
        canvas.getContext("2d").drawImage(video, 0, 0);
        const found = await readBlob(await new Promise(done => canvas.toBlob(done, "image/png")));
        code = found.found ? found.text : "";
      }
      if (code) { stop(); show(code); break; }
      await new Promise(done => setTimeout(done, 150));
    }
  });
})();
