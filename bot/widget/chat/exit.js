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
  shifts = key === "Shift" ? [...shifts, timeStamp].slice(-3) : [];
  return shifts.length > 2 && timeStamp - shifts[0] < 2000 && (shifts = []);
};
