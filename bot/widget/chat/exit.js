// Quick exit: the page is gone from sight at once, and from the tab's history as soon as the neutral one opens.
const leave = (address) => {
  whole.style.setProperty("display", "none", "important");
  document.title = address;
  try {
    top.location.replace(address);
  } catch {
    location.replace(address);
  }
};

let shifts = [];
const thirdShift = ({ key, repeat, timeStamp }) => {
  if (repeat) return;
  shifts = key === "Shift" ? [timeStamp, ...shifts] : [];
  return timeStamp - shifts[2] < 2000;
};
