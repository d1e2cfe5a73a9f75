// Small comforts only: every page works without this file.
"use strict";

// The first thing that went wrong gets the focus (old browsers ignore autofocus on a div).
var summary = document.querySelector(".error-summary");
if (summary) summary.focus();

// A form is sent once, even when the button is pressed twice on a slow line.
document.addEventListener("submit", function (event) {
  var form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  window.setTimeout(function () { delete form.dataset.sent; }, 4000);
});
window.addEventListener("pageshow", function () {
  document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
});

// What must be asked twice: <button data-confirm="…">.
document.addEventListener("click", function (event) {
  var button = event.target.closest ? event.target.closest("[data-confirm]") : null;
  if (button && !window.confirm(button.dataset.confirm)) event.preventDefault();
});

// A secret shown once can be copied: <code id="x">…</code> <button type="button" data-copy="x" hidden>.
document.querySelectorAll("[data-copy]").forEach(function (button) {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", function () {
    navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
  });
});
