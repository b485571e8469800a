// Sets light or dark before the first paint: the reader's choice, else what their system says. Classic script, no imports.
(() => {
  const kept = localStorage.getItem("dealcoach.theme");
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = kept || (dark ? "dark" : "light");
})();
