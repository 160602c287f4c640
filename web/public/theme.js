// Sets the theme before the first paint. A file of its own: the Content-Security-Policy allows no inline scripts.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem("salesdash.theme");
  } catch (error) {
    // Storage may be switched off; the system's theme holds then.
  }
  var dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
