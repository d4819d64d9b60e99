// The gateway's interface.
const post = (path, body, signal) =>
  fetch(`${home}api/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Accept-Language": words.language },
    body: JSON.stringify(body),
    signal,
  });

const forget = (name) =>
  fetch(`${home}api/conversations/${name}`, { method: "DELETE", keepalive: true }).catch(() => {});

const alive = () => fetch(`${home}health`, { cache: "no-store" }).then((answer) => answer.ok).catch(() => false);

const wordsIn = async (code) =>
  code === given.words.language
    ? given.words
    : fetch(`${home}widget/${given.version}/${code}.json`)
        .then((answer) => answer.ok && answer.json())
        .catch(() => false);
