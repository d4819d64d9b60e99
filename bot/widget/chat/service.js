// The gateway's interface. A conversation has a name of its own making, so that it can be ended before it is answered.
const newName = () => [...crypto.getRandomValues(new Uint8Array(16))].join("-");

const post = (path, body, signal) =>
  fetch(`${home}api/${path}`, {
    method: "POST",
    credentials: "omit",
    headers: { "Content-Type": "application/json", "Accept-Language": words.language },
    body: JSON.stringify(body),
    signal,
  });

const forget = (name) =>
  fetch(`${home}api/conversations/${name}`, { method: "DELETE", credentials: "omit", keepalive: true }).catch(() => {});

const alive = async () => {
  try {
    return (await fetch(`${home}health`, { cache: "no-store", credentials: "omit" })).ok;
  } catch {}
};

const wordsIn = async (code) => {
  if (code === given.words.language) return given.words;
  try {
    const answer = await fetch(`${home}widget/${given.version}/${code}.json`, { credentials: "omit" });
    if (answer.ok) return await answer.json();
  } catch {}
};
