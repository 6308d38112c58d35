/* A button that copies the text of a field; without it the field can be selected. */
(function () {
  "use strict";
  document.querySelectorAll("button[data-copy]").forEach(function (button) {
    var field = document.getElementById(button.getAttribute("data-copy"));
    field.addEventListener("focus", function () { field.select(); });
    if (!navigator.clipboard) { return; }
    button.hidden = false;
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(field.value).then(function () {
        button.nextElementSibling.textContent = button.getAttribute("data-copied");
      }, function () { field.focus(); });
    });
  });
})();
