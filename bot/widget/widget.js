// The chat of the help page. It keeps nothing: the conversation lives in this page and ends with it.
(() => {
  const chat = document.getElementById("chat");
  if (!chat) return;
  const [log, quick, form] = [".log", ".quick", "form"].map((s) => chat.querySelector(s));
  let conversation;
  chat.hidden = false;

  const add = (kind, text, reply) => {
    const item = document.createElement("div");
    item.className = kind;
    item.textContent = text;
    for (const line of reply?.hotlines ?? []) {
      const call = document.createElement("a");
      call.href = `tel:${line.phone}`;
      call.textContent = `${line.phone} ${line.name}`;
      item.append(call);
    }
    for (const source of reply?.sources ?? []) {
      const details = document.createElement("details");
      const summary = document.createElement("summary");
      const quote = document.createElement("blockquote");
      summary.textContent = source.title;
      quote.textContent = source.quote;
      quote.lang = "es";
      details.append(summary, quote);
      item.append(details);
    }
    log.append(item);
    item.scrollIntoView({ block: "nearest" });
  };

  const send = async (text, shown) => {
    add("me", shown ?? text);
    quick.replaceChildren();
    try {
      const response = await fetch("/api/messages", {
        method: "POST",
        headers: { "Content-Type": "application/json", "Accept-Language": chat.dataset.language },
        body: JSON.stringify({ text, conversation_id: conversation }),
      });
      const answer = await response.json();
      if (!response.ok) return add("notice", answer.detail);
      conversation = answer.conversation_id;
      for (const reply of answer.replies) add(reply.type, reply.text, reply);
      for (const { title, payload } of answer.quick_replies) {
        const button = document.createElement("button");
        button.textContent = title;
        button.addEventListener("click", () => send(payload, title));
        quick.append(button);
      }
    } catch {
      add("notice", chat.dataset.error);
    }
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = form.elements.text.value;
    form.reset();
    send(text);
  });
})();
