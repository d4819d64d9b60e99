// Messages on their way: what cannot be sent waits here until it can.
const mark = ({ element }, text, retry) => {
  element.querySelector(".mark")?.remove();
  if (text) element.append(make("p", { class: "mark small" }, text, retry && button("plain", retry, words.retry)));
};

const send = (text, title) => {
  text = text.trim();
  if (!text) return;
  open();
  const element = add({ mine: title || text, text, unsent: true });
  if (down) mark({ element }, words.waiting);
  offer([]);
  scrollTo(element);
  report("send");
  deliver();
};

const again = async () => {
  const asking = name;
  if (!asking || busy) return;
  if (queue.length) return deliver();
  const found = await alive();
  if (asking === name && !busy) found ? find() : lose();
};

const deliver = async () => {
  clearTimeout(timer);
  if (busy) return;
  busy = true;
  const sender = name;
  while (queue.length) {
    const message = queue[0];
    const { item } = message;
    const control = (stop = new AbortController());
    const patience = setTimeout(() => control.abort(), 30000);
    const late = setTimeout(() => down || tell(words.typing), 500);
    let response, answer;
    try {
      spoken = true;
      response = await post("messages", { text: item.text, conversation_id: sender, language: chosen }, control.signal);
      answer = await response.json();
    } catch {}
    clearTimeout(patience);
    clearTimeout(late);
    if (sender !== name) return;
    if (!(answer?.replies || answer?.detail) || response.status > 500) {
      lose();
      break;
    }
    if (response.status === 429) {
      tell(answer.detail, true);
      timer = setTimeout(deliver, (response.headers.get("Retry-After") || 15) * 1000);
      break;
    }
    queue.shift();
    item.unsent = false;
    find();
    mark(message);
    if (response.ok) await receive(answer);
    else refuse(message, answer.detail);
  }
  if (sender === name) busy = false;
};

// The texts of a new language are waited for, a little, unless the answer is urgent: that is shown anew with them.
const receive = async ({ language, replies, quick_replies, urgent }) => {
  const spoken = language !== words.language && !chosen && speak(language);
  if (spoken && !urgent) await Promise.race([spoken, new Promise((go) => setTimeout(go, 1500))]);
  const before = words;
  const entries = replies.map((reply) => ({ ...reply, language }));
  const elements = entries.map((entry) => add(entry));
  const complete = () => {
    if (words !== before) elements.forEach((element, i) => element.replaceWith((elements[i] = shown(entries[i]))));
    if (replies.some((reply) => reply.sources)) elements.at(-1).after(askHelpful());
  };
  spoken && urgent ? spoken.then(complete) : complete();
  offer(quick_replies);
  scrollTo(elements[0]);
  report("answer");
};

const refuse = (message, detail) => {
  add({ text: detail });
  mark(message, words.failed, () => {
    mark(message);
    message.item.unsent = true;
    queue.push(message);
    scroller.focus();
    deliver();
  });
};

let wait;
const lose = () => {
  for (const message of queue) mark(message, words.waiting);
  tell(words.offline, true);
  wait = down ? Math.min(wait * 2, 30) : 3;
  if (!down) {
    down = true;
    if (!items.slice(-4).some((item) => item.hotlines)) add(words.card);
    scrollTo(queue[0] ? queue[0].element : log.lastChild);
  }
  clearTimeout(timer);
  timer = setTimeout(again, wait * 1000);
};

const find = () => {
  down = false;
  tell("");
};
