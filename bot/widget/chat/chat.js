// Opens, closes, leaves, listens.
const SMALL = matchMedia("(max-width:30em),(max-height:30em)");

const report = (event) => host.dispatchEvent(new Event(`yanapay:${event}`, { bubbles: true }));

const open = () => {
  if (panel.open) return;
  if (inline) panel.open = true;
  else SMALL.matches ? panel.showModal() : panel.show();
  look();
  if (!name) begin();
  if (!inline) (SMALL.matches ? scroller : input).focus();
  again();
  save();
  report("open");
};

const close = () => {
  if (!panel.open || inline) return;
  panel.close();
  look();
  (opener || launch).focus();
  opener = null;
  save();
  report("close");
};

const exit = () => {
  end();
  report("exit");
  leave(webPage(asked.exit) || given.exit);
};

const listen = () => {
  DARK.onchange = look;
  // On a phone the panel fills what the keyboard leaves of the screen.
  visualViewport.onresize = visualViewport.onscroll = () => {
    const { scale, height, offsetTop } = visualViewport;
    panel.style.cssText = scale === 1 ? `--height:${height}px;--top:${offsetTop}px` : "";
  };
  addEventListener(
    "keydown",
    (event) => {
      if (event.keyCode === ESCAPE) close();
      if (told && thirdShift(event)) exit();
    },
    true,
  );
  addEventListener("online", again);
  addEventListener("offline", () => name && lose());
  addEventListener("pagehide", () => {
    keeping() ? empty() : end();
    if (!inline) panel.close();
    look();
  });
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) restore();
    if (inline && !name) begin();
  });
};

acts = { open, close, send, restart, exit };
empty();
label();
dress(given.style.join(""));
frame.append(panel);
listen();
speak(languageOf() || words.language);
restore();
report("ready");
