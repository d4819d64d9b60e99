// One conversation, in the memory of this page, and in the tab's where that is kept.
let words = given.words;
let wished, chosen, told;
let name, items, queue, offered, busy, down, spoken, stop, timer, idle;

// Empties everything here; the server is told by `end`.
const empty = () => {
  clearTimeout(timer);
  clearTimeout(idle);
  if (stop) stop.abort();
  name = busy = down = spoken = offered = stop = undefined;
  items = [];
  queue = [];
  log.replaceChildren();
  quick.replaceChildren();
  input.value = "";
  tell("");
};

const end = () => {
  if (spoken) forget(name);
  memory();
  empty();
};

// Greets; the first time on this page also says what leaving does and does not do. The conversation's name is made here, so
// that it can be ended before it is answered.
const begin = () => {
  name = crypto.getRandomValues(new Uint8Array(16)).join("-");
  for (const text of [asked.greeting, words.greeting]) if (text) add({ text });
  if (!told) add({ type: "note", text: words.exit_note });
  told = true;
  offer(Object.entries(words.topics).map(([route, title]) => ({ title, payload: `/topic ${route}` })));
};

const restart = () => {
  end();
  begin();
  tell(words.deleted);
  scroller.focus();
};

const keeping = () => "keep" in asked && keeps.checked;

const save = () => {
  memory(keeping() && name && { name, items, offered, chosen, told, spoken, language: words.language, open: panel.open });
};

const restore = () => {
  const state = "keep" in asked && remembered();
  if (!state) return;
  ({ name, chosen, told, spoken } = state);
  state.items.forEach(add);
  offer(state.offered);
  speak(state.language);
  if (state.open && !SMALL.matches) open();
  else again();
};

// A message of the person's, or a reply, at the end of the conversation.
const add = (entry) => {
  const item = { language: words.language, ...entry };
  const element = item.mine ? said(words.you, "mine", make("p", { dir: "auto" }, item.mine)) : shown(item);
  items.push(item);
  if (item.unsent) queue.push({ item, element });
  log.append(element);
  clearTimeout(idle);
  idle = setTimeout(() => {
    end();
    if (panel.open) begin();
  }, given.minutes * 60000);
  return element;
};

const offer = (replies) => {
  offered = replies;
  quick.replaceChildren(
    ...replies.map(({ title, payload }) =>
      button(
        "chip",
        () => {
          send(payload, title);
          scroller.focus();
        },
        title,
      ),
    ),
  );
  save();
};

const askHelpful = () => {
  const choices = [words.helpful_yes, words.helpful_no].map((answer, no) =>
    button(
      "chip",
      () => {
        post("feedback", { conversation_id: name, helpful: !no }).catch(() => {});
        const thanks = make("p", { tabIndex: -1 }, words.thanks);
        row.replaceChildren(thanks);
        thanks.focus();
      },
      answer,
    ),
  );
  const row = box("helpful small", words.helpful, ...choices);
  return row;
};

// Goes on in a language. What was greeted in another one, and not yet answered to, is greeted anew.
const speak = async (code) => {
  wished = code;
  const found = await wordsIn(code);
  if (wished !== code) return;
  const changed = found && found !== words;
  if (found) words = found;
  label();
  if (!changed || !name) return;
  if (items.some((item) => item.mine)) {
    if (chosen) scrollTo(add({ text: words.set }));
    return save();
  }
  told = !items.some((item) => item.type === "note");
  empty();
  begin();
  again();
};
