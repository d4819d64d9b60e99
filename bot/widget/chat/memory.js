// What stays in this tab where site and person allow it: the conversation, until it has been idle too long.
const memory = (state) => {
  try {
    if (state) sessionStorage.yanapay = JSON.stringify({ ...state, at: Date.now() });
    else delete sessionStorage.yanapay;
  } catch {}
};

const remembered = () => {
  try {
    const state = JSON.parse(sessionStorage.yanapay);
    if (Date.now() - state.at < given.minutes * 60000) return state;
    memory();
  } catch {}
};
