// Comforts of the task page, which works without them: number and letter keys choose, the measured time is kept fresh.
"use strict";

document.addEventListener("keydown", function (event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  var at = event.target;
  if (at && (at.tagName === "TEXTAREA" || at.tagName === "SELECT" || (at.tagName === "INPUT" && at.type !== "radio"))) return;
  var key = event.key.length === 1 ? event.key.toLowerCase() : "";
  if (!/^[a-z0-9]$/.test(key)) return;
  var radio = document.querySelector('.task [data-key="' + key + '"]');
  if (!radio) return;
  event.preventDefault();
  radio.focus();
  radio.click();
});

// Not a ticking clock: it is read again when the member looks or chooses.
(function () {
  var place = document.querySelector("[data-passed]");
  if (!place || !window.performance) return;
  var passed = Number(place.dataset.passed);
  var opened = performance.now();
  var look = function () {
    var seconds = passed + Math.floor((performance.now() - opened) / 1000);
    var minutes = Math.floor(seconds / 60);
    place.textContent = (minutes ? minutes + " min " : "") + (seconds % 60) + " s";
  };
  document.querySelector(".task").addEventListener("change", look);
  document.querySelector(".task details").addEventListener("toggle", look);
})();
