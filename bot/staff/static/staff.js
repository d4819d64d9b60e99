// Enhances pages that work without it: warns before unsaved words are lost, asks before what cannot be taken back.
const KEY = "yanapay-staff-markdown";
let unsaved = false;

for (const form of document.querySelectorAll("form[data-guard]")) {
  for (const kind of ["input", "change"]) form.addEventListener(kind, (event) => { if (event.target.name) unsaved = true; });
}
for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.ask && !window.confirm(form.dataset.ask)) return event.preventDefault();
    unsaved = false;
  });
}
window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });

for (const box of document.querySelectorAll("[data-beside]")) {
  const show = () => document.body.classList.toggle("markdown", box.checked);
  box.checked = sessionStorage.getItem(KEY) === "yes";
  box.addEventListener("change", () => { sessionStorage.setItem(KEY, box.checked ? "yes" : "no"); show(); });
  show();
}
